"""What the benchmarks of gevent/multiprocessing measure, in CPython's multiprocessing (start method spawn, unless one is named).
Prints medians of wall ns an operation, under the names of the Go benchmarks.

    python3 python/mp_base.py [spawn|forkserver|fork]
"""
import multiprocessing
import statistics
import sys
import time

RUNS = 5


class Record:
    def __init__(self, a):
        self.a = a


def echo(conn):
    try:
        while True:
            conn.send(conn.recv())
    except EOFError:
        pass


def echo_bytes(conn):
    try:
        while True:
            conn.send_bytes(conn.recv_bytes())
    except EOFError:
        pass


def drain(conn):
    n = 0
    while True:
        n += 1
        if not conn.recv_bytes():
            conn.send(n)
            return


def nothing():
    pass


def report(name, n, op):
    op(max(1, n // 10))
    times = []
    for _ in range(RUNS):
        start = time.perf_counter_ns()
        op(n)
        times.append((time.perf_counter_ns() - start) / n)
    print(f"{name:32} {statistics.median(times):12.0f} ns/op", flush=True)


def round_trip(context, name, value, target=echo):
    ours, theirs = context.Pipe()
    p = context.Process(target=target, args=(theirs,))
    p.start()
    theirs.close()
    send, recv = (ours.send, ours.recv) if target is echo else (ours.send_bytes, ours.recv_bytes)
    send(value)
    recv()

    def op(n):
        for _ in range(n):
            send(value)
            recv()

    report(name, 10000, op)
    ours.close()
    p.join()


def one_way(context, size):
    message = bytes(size)

    def op(n):
        ours, theirs = context.Pipe()
        p = context.Process(target=drain, args=(theirs,))
        p.start()
        theirs.close()
        start = time.perf_counter_ns()
        for _ in range(n):
            ours.send_bytes(message)
        ours.send_bytes(b"")
        assert ours.recv() == n + 1
        took = time.perf_counter_ns() - start
        p.join()
        return took / n

    n = 50000 if size < 10000 else 10000
    print(f"OneWay/bytes={size:<19} {statistics.median(op(n) for _ in range(RUNS)):12.0f} ns/op", flush=True)


def start_join(context):
    def op(n):
        for _ in range(n):
            p = context.Process(target=nothing)
            p.start()
            p.join()

    report("StartJoin", 20, op)


def main():
    context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "spawn")
    round_trip(context, "RoundTrip/int", 1)
    round_trip(context, "RoundTrip/struct", (1.0, 2.0))
    round_trip(context, "RoundTrip/gob", Record(1))
    round_trip(context, "RoundTrip/ints=1000", [0] * 1000)
    round_trip(context, "RoundTrip/text=4096", "\0" * 4096)
    round_trip(context, "RoundTrip/bytes=4096", bytes(4096), echo_bytes)
    for size in 16, 1024, 65536:
        one_way(context, size)
    start_join(context)


if __name__ == "__main__":
    main()
