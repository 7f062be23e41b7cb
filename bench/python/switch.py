"""What bench/switch and bench/generate measure, in CPython: needs python3-greenlet. Prints medians of CPU ns an operation."""
import statistics
import sys
import time

import greenlet

RUNS = 7


def measure(name, op, n):
    """op(n) does n operations."""
    op(n // 10)
    times = []
    for _ in range(RUNS):
        start = time.process_time_ns()
        op(n)
        times.append((time.process_time_ns() - start) / n)
    print(f"{name:24} {statistics.median(times):8.1f}")


def ring_of_two(n):
    main = greenlet.getcurrent()

    def body(value):
        while True:
            value = main.switch(value)

    other = greenlet.greenlet(body)
    other.switch(None)
    for _ in range(n // 2):  # each is two switches
        other.switch(1)


def forever():
    i = 0
    while True:
        yield i
        i += 1


def generator_next(n):
    g = forever()
    for _ in range(n):
        next(g)


def echo():
    value = None
    while True:
        value = yield value


def generator_send(n):
    g = echo()
    next(g)
    for i in range(n):
        g.send(i)


def one():
    yield 1


def generator_life(n):
    for _ in range(n):
        g = one()
        next(g)
        next(g, None)


def greenlet_life(n):
    for _ in range(n):
        greenlet.greenlet(int).switch()


print(f"CPython {sys.version.split()[0]}, greenlet {greenlet.__version__}: median CPU ns of {RUNS} runs")
measure("greenlet switch", ring_of_two, 2_000_000)
measure("greenlet life", greenlet_life, 300_000)
measure("generator next", generator_next, 5_000_000)
measure("generator send", generator_send, 3_000_000)
measure("generator life", generator_life, 1_000_000)
