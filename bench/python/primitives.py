"""What bench/primitives measures, in CPython with gevent: needs python3-gevent. Prints medians of CPU ns an operation, under the
names of the Go benchmarks."""
import statistics
import sys
import time

import gevent
from gevent.event import Event
from gevent.local import local
from gevent.lock import BoundedSemaphore, RLock
from gevent.pool import Pool
from gevent.queue import Channel, Queue
from gevent.threadpool import ThreadPool

RUNS = 7
only = sys.argv[1:]


def measure(name, op, n, size=1):
    """op(n) does n operations, in rounds of size, and returns how many it has done."""
    if only and name not in only:
        return
    n -= n % size
    op(max(size, n // 10 // size * size))
    times = []
    for _ in range(RUNS):
        start = time.process_time_ns()
        done = op(n)
        times.append((time.process_time_ns() - start) / n)
        assert done == n, (name, done, n)
    print(f"{name:24} {statistics.median(times):10.1f}", flush=True)


def nothing():
    pass


def passing(make):
    def op(n):
        q = make()

        def put():
            for i in range(n):
                q.put(i)

        putter = gevent.spawn(put)
        done = 0
        for i in range(n):
            if q.get() != i:
                break
            done += 1
        putter.get()
        return done

    return op


def queue_alone(n):
    q = Queue(128)
    done = 0
    for i in range(n):
        q.put(i)
        done += q.get() == i
    return done


def sleep0(n):
    def turns():
        for _ in range(n // 2):
            gevent.sleep(0)
        return n // 2

    other = gevent.spawn(turns)
    return turns() + other.get()


def locking(make):
    def op(n):
        lock = make()
        done = 0
        for _ in range(n):
            lock.acquire()
            done += 1
            lock.release()
        return done

    return op


def lock_contended(n):
    lock = BoundedSemaphore(1)
    done = 0

    def contend():
        nonlocal done
        for _ in range(n // 100):
            lock.acquire()
            gevent.sleep(0)
            done += 1
            lock.release()

    gevent.joinall([gevent.spawn(contend) for _ in range(100)], raise_error=True)
    return done


def timer_stop(n):
    loop = gevent.get_hub().loop
    done = 0
    for _ in range(n):
        timer = loop.timer(3600)
        timer.start(nothing)
        done += timer.active
        timer.stop()
        timer.close()
    return done


def timer_reset(n):
    timer = gevent.get_hub().loop.timer(3600)
    done = 0
    for _ in range(n):
        timer.start(nothing)
        done += timer.active
        timer.stop()
    timer.close()
    return done


def timer_fire(n):
    """As in Go, each calls its function in a greenlet of its own."""
    done = 0
    x = 1
    over = Event()

    def fire():
        nonlocal done
        done += 1
        if done == n:
            over.set()

    spread = n * 1e-6
    for _ in range(n):
        x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
        gevent.spawn_later(spread / 4 + x / 2**64 * spread / 4, fire)
    over.wait()
    return done


def spawn(size):
    def op(n):
        done = 0

        def body():
            nonlocal done
            done += 1

        for _ in range(n // size):
            for g in [gevent.spawn(body) for _ in range(size)]:
                g.join()
        return done

    return op


def event(n):
    events = [Event(), Event()]
    size = 1000
    rounds = n // size
    arrived = 0
    all_arrived = Event()
    done = 0

    def wait():
        nonlocal arrived, done
        for i in range(rounds):
            arrived += 1
            if arrived == size:
                all_arrived.set()
            events[i % 2].wait()
            done += 1

    waiters = [gevent.spawn(wait) for _ in range(size)]
    for i in range(rounds):
        all_arrived.wait()
        all_arrived.clear()
        arrived = 0
        events[(i + 1) % 2].clear()
        events[i % 2].set()
    gevent.joinall(waiters, raise_error=True)
    return done


def pool_map(n):
    pool = Pool(16)

    def work(_):
        gevent.sleep(0)
        return 1

    return sum(sum(pool.map(work, range(1000))) for _ in range(n // 1000))


def offload(n):
    pool = ThreadPool(1)
    done = sum(pool.apply(int, ("1",)) for _ in range(n))
    pool.kill()
    return done


def with_timeout(n):
    done = 0

    def call():
        nonlocal done
        done += 1

    for _ in range(n):
        gevent.with_timeout(3600, call)
    return done


def local_get(n):
    own = local()
    own.value = 1
    done = 0
    for _ in range(n):
        done += own.value
    return done


print(f"CPython {sys.version.split()[0]}, gevent {gevent.__version__}: median CPU ns of {RUNS} runs")
measure("Queue", passing(lambda: Queue(128)), 100_000)
measure("QueueAlone", queue_alone, 200_000)
measure("Channel", passing(Channel), 50_000)
measure("Sleep0", sleep0, 100_000, 2)
measure("Lock", locking(lambda: BoundedSemaphore(1)), 500_000)
measure("RLock", locking(RLock), 500_000)
measure("LockContended", lock_contended, 50_000, 100)
measure("TimerStop", timer_stop, 100_000)
measure("TimerReset", timer_reset, 200_000)
measure("TimerFire", timer_fire, 50_000)
measure("Spawn", spawn(1), 50_000)
measure("SpawnBatch", spawn(1000), 50_000, 1000)
measure("Event", event, 50_000, 1000)
measure("PoolMap", pool_map, 20_000, 1000)
measure("Offload", offload, 5_000)
measure("WithTimeout", with_timeout, 50_000)
measure("Local", local_get, 1_000_000)
