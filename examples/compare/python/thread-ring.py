"""Thread ring: each member waits at its mailbox and passes the token on."""
from world import Mailbox, measure, spawn

MEMBERS = 503


def work(size):
    boxes, winner = [Mailbox() for _ in range(MEMBERS)], Mailbox()

    def member(i):
        box, following = boxes[i], boxes[(i + 1) % MEMBERS]
        while True:
            left = box.get()
            if left == 0:
                winner.put(i + 1)
                return
            following.put(left - 1)

    for i in range(MEMBERS):
        spawn(member, i)
    boxes[0].put(size)
    return winner.get()


measure(work)
