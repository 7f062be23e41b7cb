"""Dining philosophers: each takes the fork with the lower number first."""
from world import Lock, measure, sleep, together

SEATS = 5


def work(size):
    forks, taken, eaten = [Lock() for _ in range(SEATS)], [False] * SEATS, [0] * SEATS

    def philosopher(seat):
        lower, higher = sorted((seat, (seat + 1) % SEATS))
        for _ in range(size // SEATS):
            with forks[lower], forks[higher]:
                assert not taken[lower] and not taken[higher], "a fork is in two hands"
                taken[lower] = taken[higher] = True
                sleep(0)
                taken[lower] = taken[higher] = False
                eaten[seat] += 1

    together(SEATS, philosopher)
    return sum(eaten)


measure(work)
