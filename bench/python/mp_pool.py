"""What the benchmarks BenchmarkPool... of gevent/multiprocessing measure, in CPython's multiprocessing.Pool (start method spawn, unless
one is named). Prints medians of wall ns an operation, under the names of the Go benchmarks.

    python3 python/mp_pool.py [spawn|forkserver|fork]
"""
import multiprocessing
import statistics
import sys
import time

RUNS = 7


def square(n):
    return n * n


def measure(name, fn, ops=1):
    fn()
    took = []
    for _ in range(RUNS):
        start = time.perf_counter_ns()
        fn()
        took.append((time.perf_counter_ns() - start) / ops)
    print(f"{name:24} {statistics.median(took):14,.0f} ns/op")


def main():
    context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "spawn")
    numbers = range(10_000)
    with context.Pool(4) as pool:
        measure("PoolMap/chunk=0", lambda: pool.map(square, numbers))
        measure("PoolMap/chunk=1", lambda: pool.map(square, numbers, 1))
        measure("PoolIMap/chunk=1", lambda: list(pool.imap(square, numbers)), len(numbers))
        measure("PoolIMap/chunk=100", lambda: list(pool.imap(square, numbers, 100)), len(numbers))
    with context.Pool(1) as pool:
        measure("PoolApply", lambda: [pool.apply(square, (3,)) for _ in range(2000)], 2000)


if __name__ == "__main__":
    main()
