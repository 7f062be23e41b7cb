"""Sleepers: each sleeps ten times for 10 ms."""
from world import measure, sleep, together


def work(size):
    woken = [0] * size

    def sleeper(i):
        for _ in range(10):
            sleep(0.01)
            woken[i] += 1

    together(size, sleeper)
    return sum(woken)


measure(work)
