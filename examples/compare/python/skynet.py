"""Skynet: a task makes ten, down to the leaves, and each appends its sum to the list of the one above."""
from world import measure, spawn


def task(first, leaves, result):
    if leaves == 1:
        result.append(first)
        return
    share, parts = leaves // 10, []
    for child in [spawn(task, first + i * share, share, parts) for i in range(10)]:
        child.join()
    result.append(sum(parts))


def work(size):
    result = []
    spawn(task, 0, size, result).join()
    return result[0]


measure(work)
