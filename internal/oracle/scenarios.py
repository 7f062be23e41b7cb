"""The scenarios that oracle_test.go plays, in gevent: each prints its name and what happened, line by line."""
import sys

import gevent
from gevent import lock, pool, queue, event, local, timeout

T = 0.02  # one unit of time

SCENARIOS = []


def scenario(fn):
    SCENARIOS.append(fn)
    return fn


class Oops(Exception):
    pass


def quiet(*_):
    pass


@scenario
def spawn_order(say):
    for name in "ab":
        gevent.spawn(lambda n=name: (say(n), gevent.spawn(lambda: say(n + n))))
    say("main")
    gevent.sleep(0)
    gevent.sleep(0)


@scenario
def sleep_zero_is_round_robin(say):
    def worker(n):
        for step in "AB":
            say(f"{n}{step}")
            gevent.sleep(0)
    gevent.joinall([gevent.spawn(worker, n) for n in (1, 2)])


@scenario
def sleep_order_by_deadline(say):
    def worker(n, d):
        gevent.sleep(d * T)
        say(n)
    gevent.joinall([gevent.spawn(worker, n, d) for n, d in (("c", 3), ("a", 1), ("b", 2))])


@scenario
def spawn_later_order(say):
    gs = [gevent.spawn_later(d * T, say, n) for n, d in (("second", 2), ("first", 1), ("third", 3))]
    gevent.joinall(gs)


@scenario
def get_again_and_again(say):
    g = gevent.spawn(lambda: 7)
    say(g.get())
    say(g.get())


@scenario
def every_getter_gets_the_error(say):
    def fail():
        raise Oops("oops")
    g = gevent.spawn(fail)

    def getter(n):
        try:
            g.get()
        except Oops as e:
            say(f"{n} {e}")
    gevent.joinall([gevent.spawn(getter, n) for n in (1, 2)])


@scenario
def kill_before_start(say):
    g = gevent.spawn(say, "never")
    g.kill()
    say(f"ready {g.ready()}")


@scenario
def kill_runs_finally(say):
    def worker():
        try:
            gevent.sleep(100)
        finally:
            say("finally")
    g = gevent.spawn(worker)
    gevent.sleep(0)
    g.kill()
    say("killed")


@scenario
def kill_waits_for_a_sleeping_finally(say):
    def worker():
        try:
            gevent.sleep(100)
        finally:
            gevent.sleep(T)
            say("cleaned")
    g = gevent.spawn(worker)
    gevent.sleep(0)
    g.kill()
    say("killed")


@scenario
def kill_without_block(say):
    def worker():
        try:
            gevent.sleep(100)
        finally:
            say("finally")
    g = gevent.spawn(worker)
    gevent.sleep(0)
    g.kill(block=False)
    say(f"ready {g.ready()}")
    g.join()
    say(f"ready {g.ready()}")


@scenario
def kill_twice_and_the_dead(say):
    g = gevent.spawn(gevent.sleep, 100)
    gevent.sleep(0)
    g.kill()
    g.kill()
    say(f"ready {g.ready()}")


@scenario
def kill_with_an_error(say):
    g = gevent.spawn(gevent.sleep, 100)
    gevent.sleep(0)
    g.kill(Oops("mine"))
    try:
        g.get()
    except Oops as e:
        say(str(e))


@scenario
def join_does_not_raise(say):
    def fail():
        raise Oops("oops")
    g = gevent.spawn(fail)
    g.join()
    say(str(g.exception))


@scenario
def join_with_timeout(say):
    g = gevent.spawn(gevent.sleep, 3 * T)
    g.join(timeout=T)
    say(f"ready {g.ready()}")
    g.join()
    say(f"ready {g.ready()}")


@scenario
def joinall_order_and_count(say):
    def worker(n, d):
        gevent.sleep(d * T)
        return n
    gs = [gevent.spawn(worker, n, d) for n, d in (("c", 3), ("a", 1), ("b", 2))]
    for g in gevent.joinall(gs, count=2):
        say(g.value)


@scenario
def iwait_in_readiness_order(say):
    def worker(n, d):
        gevent.sleep(d * T)
        return n
    gs = [gevent.spawn(worker, n, d) for n, d in (("c", 3), ("a", 1), ("b", 2))]
    for g in gevent.iwait(gs):
        say(g.value)


@scenario
def wait_for_a_mix(say):
    e, r = event.Event(), event.AsyncResult()
    g = gevent.spawn(gevent.sleep, 2 * T)
    gevent.spawn_later(T, r.set, 1)
    gevent.spawn_later(3 * T, e.set)
    names = {id(e): "event", id(r): "result", id(g): "greenlet"}
    for x in gevent.iwait([e, r, g]):
        say(names[id(x)])


@scenario
def links_in_order(say):
    g = gevent.spawn(lambda: 1)
    for n in "abc":
        g.link(lambda _, n=n: say(n))
    g.join()
    say("joined")
    gevent.sleep(0)
    g.link(lambda _: say("late"))
    gevent.sleep(0)
    gevent.sleep(0)


@scenario
def link_value_and_exception(say):
    def fail():
        raise Oops("oops")
    for name, fn in (("good", lambda: 1), ("bad", fail)):
        g = gevent.spawn(fn)
        g.link_value(lambda _, n=name: say(n + " value"))
        g.link_exception(lambda _, n=name: say(n + " exception"))
        g.join()
        gevent.sleep(0)
        gevent.sleep(0)


@scenario
def event_wakes_all_in_order(say):
    e = event.Event()

    def waiter(n):
        say(f"{n} {e.wait()}")
    gs = [gevent.spawn(waiter, n) for n in (1, 2, 3)]
    gevent.sleep(0)
    e.set()
    e.clear()
    gevent.joinall(gs)
    say(e.is_set())


@scenario
def event_timeout(say):
    e = event.Event()
    say(e.wait(timeout=T))
    e.set()
    say(e.wait(timeout=T))


@scenario
def async_result(say):
    r = event.AsyncResult()

    def getter(n):
        try:
            say(f"{n} {r.get()}")
        except Oops as e:
            say(f"{n} {e}")
    gs = [gevent.spawn(getter, n) for n in (1, 2)]
    gevent.sleep(0)
    r.set("value")
    gevent.joinall(gs)
    r.set("replaced")
    getter(3)


@scenario
def queue_fifo(say):
    q = queue.Queue()

    def consumer():
        for _ in range(3):
            say(q.get())
    g = gevent.spawn(consumer)
    gevent.sleep(0)
    for i in range(3):
        q.put(i)
    say("put")
    g.join()


@scenario
def queue_bounded(say):
    q = queue.Queue(maxsize=2)

    def producer():
        for i in range(4):
            q.put(i)
            say(f"put {i}")
    g = gevent.spawn(producer)
    gevent.sleep(0)
    say(f"full {q.full()}")
    for _ in range(4):
        say(f"got {q.get()}")
        gevent.sleep(0)
    g.join()


@scenario
def queue_getters_are_fifo(say):
    q = queue.Queue()
    gs = [gevent.spawn(lambda n=n: say(f"{n} {q.get()}")) for n in (1, 2, 3)]
    gevent.sleep(0)
    for i in "abc":
        q.put(i)
    gevent.joinall(gs)


@scenario
def queue_killed_getter_eats_nothing(say):
    q = queue.Queue()
    g = gevent.spawn(q.get)
    gevent.sleep(0)
    g.kill()
    q.put("kept")
    say(q.get())


@scenario
def queue_killed_putter_inserts_nothing(say):
    q = queue.Queue(maxsize=1)
    q.put("first")
    g = gevent.spawn(q.put, "never")
    gevent.sleep(0)
    g.kill()
    say(q.get())
    say(q.empty())


@scenario
def queue_nowait(say):
    q = queue.Queue(maxsize=1)
    for op in (q.get_nowait, lambda: q.put_nowait(1), lambda: q.put_nowait(2), q.get_nowait):
        try:
            say(op())
        except queue.Empty:
            say("empty")
        except queue.Full:
            say("full")


@scenario
def queue_peek(say):
    q = queue.Queue()
    g = gevent.spawn(lambda: say(f"peeked {q.peek()}"))
    gevent.sleep(0)
    q.put(1)
    g.join()
    say(q.qsize())


@scenario
def priority_queue(say):
    q = queue.PriorityQueue()
    for i in (3, 1, 2):
        q.put(i)
    for _ in range(3):
        say(q.get())


@scenario
def lifo_queue(say):
    q = queue.LifoQueue()
    for i in (1, 2, 3):
        q.put(i)
    for _ in range(3):
        say(q.get())


@scenario
def joinable_queue(say):
    q = queue.JoinableQueue()

    def worker():
        while True:
            item = q.get()
            gevent.sleep(T)
            say(f"did {item}")
            q.task_done()
    gevent.spawn(worker)
    for i in range(2):
        q.put(i)
    q.join()
    say("joined")


@scenario
def channel_rendezvous(say):
    c = queue.Channel()

    def sender():
        say("sending")
        c.put("hello")
        say("sent hello")
        c.put("world")
        say("sent world")
    g = gevent.spawn(sender)
    gevent.sleep(0)
    say(c.get())
    say(c.get())
    g.join()


@scenario
def semaphore_limits(say):
    s = lock.Semaphore(2)

    def worker(n):
        with s:
            say(f"{n} in")
            gevent.sleep(T)
            say(f"{n} out")
    gevent.joinall([gevent.spawn(worker, n) for n in (1, 2, 3)])


@scenario
def semaphore_killed_waiter(say):
    s = lock.Semaphore(0)
    g = gevent.spawn(s.acquire)
    gevent.sleep(0)
    g.kill()
    s.release()
    say(s.acquire(blocking=False))
    say(s.acquire(blocking=False))


@scenario
def semaphore_timeout(say):
    s = lock.Semaphore(0)
    say(s.acquire(timeout=T))
    s.release()
    say(s.acquire(timeout=T))


@scenario
def bounded_semaphore(say):
    s = lock.BoundedSemaphore(1)
    try:
        s.release()
    except ValueError:
        say("released too often")


@scenario
def rlock_is_reentrant(say):
    r = lock.RLock()

    def other():
        say(r.acquire(blocking=False))
    with r:
        with r:
            say("twice")
        gevent.spawn(other).join()
    gevent.spawn(other).join()


@scenario
def timeout_ends_a_sleep(say):
    try:
        with gevent.Timeout(T):
            gevent.sleep(100)
    except gevent.Timeout:
        say("timeout")
    gevent.sleep(2 * T)
    say("nothing came later")


@scenario
def timeout_nested_inner_first(say):
    outer = gevent.Timeout(3 * T)
    with outer:
        inner = gevent.Timeout(T)
        try:
            with inner:
                gevent.sleep(100)
        except gevent.Timeout as t:
            say("inner" if t is inner else "outer")
    say("end")


@scenario
def timeout_nested_outer_first(say):
    outer, inner = gevent.Timeout(T), gevent.Timeout(3 * T)
    try:
        with outer:
            with inner:
                gevent.sleep(100)
    except gevent.Timeout as t:
        say("inner" if t is inner else "outer")


@scenario
def with_timeout_value(say):
    say(gevent.with_timeout(T, gevent.sleep, 100, timeout_value="too late"))
    say(gevent.with_timeout(100, lambda: "in time", timeout_value="too late"))


@scenario
def group_joins_all(say):
    g = pool.Group()
    for n, d in (("b", 2), ("a", 1)):
        g.spawn(lambda n=n, d=d: (gevent.sleep(d * T), say(n)))
    say(len(g))
    g.join()
    say(len(g))


@scenario
def group_kill(say):
    g = pool.Group()

    def worker(n):
        try:
            gevent.sleep(100)
        finally:
            say("one ends")
    for n in (1, 2):
        g.spawn(worker, n)
    gevent.sleep(0)
    g.kill()
    say(len(g))


@scenario
def pool_limits(say):
    p = pool.Pool(2)

    def worker(n):
        say(f"{n} in")
        gevent.sleep(T)
        say(f"{n} out")
    for n in (1, 2, 3):
        p.spawn(worker, n)
        say(f"spawned {n}")
    p.join()


@scenario
def pool_map(say):
    say(pool.Pool(2).map(lambda n: (gevent.sleep((4 - n) * T), n * n)[1], [1, 2, 3]))


@scenario
def pool_imap_and_unordered(say):
    def work(n):
        gevent.sleep((4 - n) * T)
        return n
    for v in pool.Pool(3).imap(work, [1, 2, 3]):
        say(v)
    for v in pool.Pool(3).imap_unordered(work, [1, 2, 3]):
        say(v)


@scenario
def pool_apply_from_a_member(say):
    p = pool.Pool(1)
    say(p.apply(lambda: p.apply(lambda: "inline")))


@scenario
def pool_killed_member_frees_its_slot(say):
    p = pool.Pool(1)
    g = p.spawn(gevent.sleep, 100)
    say(p.free_count())
    g.kill()
    gevent.sleep(0)
    say(p.free_count())


@scenario
def local_values(say):
    x = local.local()
    x.v = "main"

    def worker():
        say(hasattr(x, "v"))
        x.v = "worker"
        say(x.v)
    gevent.spawn(worker).join()
    say(x.v)


def main():
    gevent.get_hub().handle_error = quiet
    for fn in SCENARIOS:
        print("==", fn.__name__)

        def say(*args):
            print(*args)
        fn(say)
        sys.stdout.flush()


main()
