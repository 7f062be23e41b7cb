"""What BenchmarkManager of gevent/multiprocessing measures, in CPython's multiprocessing.Manager (start method spawn).
Prints medians of wall ns an operation, under the names of the Go benchmarks.

    python3 python/mp_manager.py
"""
import multiprocessing
import statistics
import threading
import time

RUNS = 5


def report(name, n, op):
    op(max(1, n // 10))
    times = []
    for _ in range(RUNS):
        start = time.perf_counter_ns()
        op(n)
        times.append((time.perf_counter_ns() - start) / n)
    print(f"{name:32} {statistics.median(times):12.0f} ns/op", flush=True)


def main():
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        d, q, lock = manager.dict(), manager.Queue(), manager.Lock()
        d["a"] = 1

        def sets(n):
            for i in range(n):
                d["a"] = i

        def gets(n):
            for _ in range(n):
                d["a"]

        def through(n):
            for i in range(n):
                q.put(i)
                q.get()

        def locks(n):
            for _ in range(n):
                lock.acquire()
                lock.release()

        def many(n):
            threads = [threading.Thread(target=gets, args=(n // 100,)) for _ in range(100)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()

        report("Manager/set", 10_000, sets)
        report("Manager/get", 10_000, gets)
        report("Manager/put,get", 5_000, through)
        report("Manager/acquire,release", 5_000, locks)
        report("Manager/get/callers=100", 20_000, many)


if __name__ == "__main__":
    main()
