"""What BenchmarkValue of gevent/multiprocessing measures, in CPython's multiprocessing.
Prints medians of wall ns an operation, under the names of the Go benchmarks.

    python3 python/mp_value.py
"""
import multiprocessing
from multiprocessing import shared_memory

from mp_base import report


def main():
    v = multiprocessing.Value("q", 0)
    a = multiprocessing.Array("q", 16)

    def update(n):
        for _ in range(n):
            with v.get_lock():
                v.value += 1

    def load(n):
        for _ in range(n):
            v.value

    def store(n):
        for i in range(n):
            a[3] = i

    def create(n):
        for _ in range(n):
            m = shared_memory.SharedMemory(create=True, size=4096)
            m.close()
            m.unlink()

    report("Value/Update", 100000, update)
    report("Value/Load", 100000, load)
    report("Value/Set", 100000, store)
    report("CreateMemory", 2000, create)


if __name__ == "__main__":
    main()
