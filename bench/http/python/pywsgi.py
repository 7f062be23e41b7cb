"""The HTTP server of Python's gevent, pywsgi: a greenlet for each connection.

    pywsgi.py [-cpu N]

It prints "listening on HOST:PORT" first and ends with its standard input.
"""

import os
import resource
import sys

from gevent import socket
from gevent.pywsgi import WSGIServer

BODY = b"Hello, World!"


def answer(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))])
    return [BODY]


def main():
    if sys.argv[1:2] == ["-cpu"] and int(sys.argv[2]) >= 0:
        os.sched_setaffinity(0, {int(sys.argv[2])})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    server = WSGIServer(("127.0.0.1", 0), answer, log=None, backlog=4096)
    server.init_socket()
    # pywsgi sends head and body apart: without this, which its connections inherit, each answer waits 40 ms.
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server.start()
    print(f"listening on 127.0.0.1:{server.server_port}", flush=True)
    while True:
        socket.wait_read(sys.stdin.fileno())
        if not os.read(sys.stdin.fileno(), 64):
            os._exit(0)


main()
