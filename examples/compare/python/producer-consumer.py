"""Producers and consumers with a bounded queue between them."""
from world import Queue, measure, spawn, together

PAIRS, CAPACITY = 4, 100


def work(size):
    queue, totals = Queue(CAPACITY), []

    def produce(i):
        for v in range(i + 1, size + 1, PAIRS):
            queue.put(v)

    def consume():
        total = 0
        while (v := queue.get()) is not None:
            total += v
        totals.append(total)

    consumers = [spawn(consume) for _ in range(PAIRS)]
    together(PAIRS, produce)
    for _ in consumers:
        queue.put(None)
    for consumer in consumers:
        consumer.join()
    return sum(totals)


measure(work)
