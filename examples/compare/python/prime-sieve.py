"""Prime sieve: greenlets, each of which asks the one before it, threads with a queue of one place between them."""
from functools import partial

from world import Queue, measure, runtime, spawn


def greenlets(size):
    from greenlet import getcurrent, greenlet

    # A stage is resumed with the greenlet that wants its next number.
    def source(consumer):
        v = 2
        while True:
            consumer = consumer.switch(v)
            v += 1

    def without(prime, before, consumer):
        me = getcurrent()
        while True:
            v = before.switch(me)
            if v % prime:
                consumer = consumer.switch(v)

    me, last = getcurrent(), greenlet(source)
    for _ in range(size):
        prime = last.switch(me)
        last = greenlet(partial(without, prime, last))
    return prime


def threads(size):
    def source(out):
        v = 2
        while True:
            out.put(v)
            v += 1

    def without(prime, before, out):
        while True:
            v = before.get()
            if v % prime:
                out.put(v)

    last = Queue(1)
    spawn(source, last)
    for _ in range(size):
        before, last = last, Queue(1)
        prime = before.get()
        spawn(without, prime, before, last)
    return prime


measure(greenlets if runtime == "gevent" else threads)
