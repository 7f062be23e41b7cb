"""The same nouns for gevent's greenlets and for threads, so that a workload is written once for both: spawn, sleep, Queue,
Mailbox, Lock. And measure, which does the work and prints what the program in Go reads."""
import json
import resource
import sys
import time

runtime, size = sys.argv[1], int(sys.argv[2])

if runtime == "gevent":
    from gevent import sleep, socket, spawn
    from gevent.lock import BoundedSemaphore as Lock
    from gevent.queue import Queue, Queue as Mailbox
else:
    import socket
    import threading
    from queue import Queue, SimpleQueue as Mailbox
    from threading import Lock
    from time import sleep

    threading.stack_size(256 << 10)  # of addresses; what is not touched costs no memory

    def spawn(fn, *args):
        thread = threading.Thread(target=fn, args=args, daemon=True)
        thread.start()
        return thread


def together(n, member):
    """Starts n members and waits for all of them. One that fails leaves its work undone, so that the answer is wrong."""
    for one in [spawn(member, i) for i in range(n)]:
        one.join()


def peak_memory():
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) << 10
    except FileNotFoundError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak << 10


def measure(work):
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    answer = work(size)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "answer": answer,
        "seconds": seconds,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "osSwitches": after.ru_nvcsw + after.ru_nivcsw - before.ru_nvcsw - before.ru_nivcsw,
        "memory": peak_memory(),
    }), flush=True)
