"""Echo over TCP: a member for each connection on either side."""
from world import measure, socket, spawn, together

CLIENTS = 100


def serve(listener):
    while True:
        spawn(repeat, listener.accept()[0])


def repeat(connection):
    with connection:
        while data := connection.recv(4096):
            connection.sendall(data)


def work(size):
    listener, answered = socket.socket(), [0] * CLIENTS
    listener.bind(("127.0.0.1", 0))
    listener.listen(CLIENTS)
    spawn(serve, listener)

    def client(i):
        with socket.socket() as connection:
            connection.connect(listener.getsockname())  # an address: create_connection would have it looked up
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for n in range(size // CLIENTS):
                question, answer = bytes([n % 256]) * 64, b""
                connection.sendall(question)
                while len(answer) < len(question) and (data := connection.recv(4096)):
                    answer += data
                assert question == answer, "the echo is not what was sent"
                answered[i] += 1

    together(CLIENTS, client)
    return sum(answered)


measure(work)
