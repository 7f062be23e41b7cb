"""Ping-pong: greenlets that name one another, threads with a mailbox each."""
from world import Mailbox, measure, runtime, spawn


def greenlets(size):
    from greenlet import greenlet
    hits = 0

    def player(other):
        nonlocal hits
        while hits < size:
            hits += 1
            players[other].switch(1 - other)

    players = [greenlet(player), greenlet(player)]
    players[0].switch(1)
    return hits


def threads(size):
    boxes, last = [Mailbox(), Mailbox()], Mailbox()

    def player(i):
        while True:
            hits = boxes[i].get()
            if hits == size:
                last.put(hits)
                return
            boxes[1 - i].put(hits + 1)

    for i in range(2):
        spawn(player, i)
    boxes[0].put(1)
    return last.get()


measure(greenlets if runtime == "gevent" else threads)
