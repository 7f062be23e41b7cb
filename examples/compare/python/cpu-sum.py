"""A sum that needs the CPU, shared by eight."""
from world import measure, together

PARTS = 8


def work(size):
    sums = [0] * PARTS

    def part(i):
        total = 0
        for v in range(i * size // PARTS + 1, (i + 1) * size // PARTS + 1):
            total += v
        sums[i] = total

    together(PARTS, part)
    return sum(sums)


measure(work)
