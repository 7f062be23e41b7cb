"""What BenchmarkQueue… of gevent/multiprocessing measure, in CPython's multiprocessing (start method spawn).
Prints medians of wall ns an item, under the names of the Go benchmarks.

    python3 python/mp_queue.py
"""
import multiprocessing
import statistics
import time

RUNS = 5


def get_all(queue, ready, n):
    ready.send(0)
    for _ in range(n):
        queue.get()
    ready.send(0)


def put_all(queue, ready, n, value):
    ready.send(0)
    ready.recv()
    for _ in range(n):
        queue.put(value)


def squares(to, ready, back):
    ready.send(0)
    while True:
        n = to.get()
        if n < 0:
            return
        back.put(n * n)


def start(context, target, *args):
    ours, theirs = context.Pipe()
    p = context.Process(target=target, args=(args[0], theirs, *args[1:]))
    p.start()
    ours.recv()
    return p, ours


def one_way(context, queue, value, n):
    p, ready = start(context, get_all, queue, n)
    begin = time.perf_counter_ns()
    for _ in range(n):
        queue.put(value)
    ready.recv()
    took = (time.perf_counter_ns() - begin) / n
    p.join()
    return took


def many_to_many(context, each, n):
    queue = context.Queue()
    getters = [start(context, get_all, queue, n) for _ in range(each)]
    putters = [start(context, put_all, queue, n, 1) for _ in range(each)]
    begin = time.perf_counter_ns()
    for _, ready in putters:
        ready.send(0)
    for _, ready in getters:
        ready.recv()
    took = (time.perf_counter_ns() - begin) / (n * each)
    for p, _ in getters + putters:
        p.join()
    return took


def round_trip(context, n):
    to, back = context.Queue(), context.Queue()
    p, _ = start(context, squares, to, back)
    begin = time.perf_counter_ns()
    for _ in range(n):
        to.put(2)
        back.get()
    took = (time.perf_counter_ns() - begin) / n
    to.put(-1)
    p.join()
    return took


def report(name, measure):
    print(f"{name:32} {statistics.median(measure() for _ in range(RUNS)):12.0f} ns/item", flush=True)


def main():
    context = multiprocessing.get_context("spawn")
    report("QueueOneWay/int", lambda: one_way(context, context.Queue(), 1, 30000))
    report("QueueOneWay/struct", lambda: one_way(context, context.Queue(), {"x": 1.0, "y": 2.0}, 30000))
    report("QueueOneWay/int/limit=1000", lambda: one_way(context, context.Queue(1000), 1, 30000))
    report("QueueOneWay/int (SimpleQueue)", lambda: one_way(context, context.SimpleQueue(), 1, 30000))
    report("QueueRoundTrip", lambda: round_trip(context, 3000))
    report("QueueManyToMany", lambda: many_to_many(context, 4, 5000))


if __name__ == "__main__":
    main()
