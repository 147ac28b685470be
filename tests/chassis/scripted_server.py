"""A server on a socket whose answers are scripts: late, cut, dripping, no HTTP at all."""

import re
import socket
import threading
from collections.abc import Callable

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
Answer = Callable[[socket.socket, int], None]


class Scripted:
    """A server whose answers are scripts: the n-th request of all (from 1) is answered by `answer(socket, n)`.

    It reads head and (with a Content-Length) body of each request, then answers; a closed socket ends the connection.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.connections: list[socket.socket] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self.connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        data = b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    if not (more := connection.recv(65536)):
                        return
                    data += more
                head, _mark, data = data.partition(b"\r\n\r\n")
                told = re.search(rb"content-length: *(\d+)", head.lower())
                length = int(told[1]) if told else 0
                chunked = b"transfer-encoding: chunked" in head.lower()
                while len(data) < length or (chunked and not data.endswith(b"0\r\n\r\n")):
                    data += connection.recv(65536)
                body, data = (data, b"") if chunked else (data[:length], data[length:])
                with self._lock:
                    self.requests.append(head + b"\r\n\r\n" + body)
                    number = len(self.requests)
                self._answer(connection, number)
        except OSError:
            return


def say(data: bytes) -> Answer:
    return lambda connection, _n: connection.sendall(data)


def first_fails(fail: Answer) -> Answer:
    def answer(connection: socket.socket, number: int) -> None:
        if number == 1:
            fail(connection, number)
        else:
            connection.sendall(OK)

    return answer


def hang_up(connection: socket.socket, _n: int) -> None:
    connection.shutdown(socket.SHUT_RDWR)


FAILURES: dict[str, Answer] = {
    "lost reply": hang_up,
    "5xx": say(b"HTTP/1.1 503 Away\r\nContent-Length: 2\r\n\r\n{}"),
    "half an answer": lambda c, n: (c.sendall(OK[:-1]), hang_up(c, n))[1],
    "no HTTP": say(b"hello\r\n\r\n"),
    "no JSON": say(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{"),
    "nested JSON": say(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100_000),
}
