"""What the benchmarks of locks and the like of gevent/multiprocessing measure, in CPython's multiprocessing (start method
spawn). Prints medians of wall ns an operation, under the names of the Go benchmarks.

    python3 python/mp_sync.py
"""
import multiprocessing
import statistics
import threading
import time

RUNS = 5


def timed(n, op):
    start = time.perf_counter_ns()
    op(n)
    return (time.perf_counter_ns() - start) / n


def report(name, n, op):
    op(max(1, n // 10))
    print(f"{name:32} {statistics.median(timed(n, op) for _ in range(RUNS)):12.0f} ns/op", flush=True)


def uncontended(name, take, give, n=200_000):
    def op(n):
        for _ in range(n):
            take()
            give()
    report(f"Uncontended/{name}", n, op)


def contends(lock, stop, told):
    told.send(0)  # it runs
    n = 0
    while not stop.value:
        lock.acquire()
        lock.release()
        n += 1
    told.send(n)


def contended(context, n=200_000):
    lock, stop = context.Lock(), context.Value("b", 0, lock=False)
    ours, theirs = context.Pipe()
    p = context.Process(target=contends, args=(lock, stop, theirs))
    p.start()
    ours.recv()
    start = time.perf_counter_ns()
    for _ in range(n):
        lock.acquire()
        lock.release()
    elapsed = time.perf_counter_ns() - start
    stop.value = 1
    total = n + ours.recv()
    p.join()
    print(f"{'Contended':32} {elapsed / n:12.0f} ns/op {elapsed / total:12.0f} ns/either", flush=True)


def meets(barrier):
    try:
        while True:
            barrier.wait()
    except threading.BrokenBarrierError:
        pass


def barriers(context):
    barrier = context.Barrier(2)
    p = context.Process(target=meets, args=(barrier,))
    p.start()

    def op(n):
        for _ in range(n):
            barrier.wait()
    report("Barrier", 5_000, op)
    barrier.abort()
    p.join()


def main():
    context = multiprocessing.get_context("spawn")
    lock, rlock, semaphore, event = context.Lock(), context.RLock(), context.Semaphore(2), context.Event()
    uncontended("lock", lock.acquire, lock.release)
    uncontended("rlock", rlock.acquire, rlock.release)
    uncontended("semaphore", semaphore.acquire, semaphore.release)
    uncontended("event", event.set, event.clear, 20_000)
    for _ in range(RUNS):
        contended(context)
    barriers(context)


if __name__ == "__main__":
    main()
