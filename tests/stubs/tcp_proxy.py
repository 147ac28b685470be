"""A TCP proxy in front of a server, so that a test can take the server away and bring it back."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self


class TcpProxy:
    """Forwards 127.0.0.1:`port` to whatever `connect` opens. `refuse()` cuts everything, `accept()` heals."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._open = True
        self._closed = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._serve, name="tcp-proxy", daemon=True).start()

    def refuse(self) -> None:
        """Reset every connection, and every new one at once."""
        self._open = False
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            _reset(*pair)

    def accept(self) -> None:
        self._open = True

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.refuse()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._closed:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            if not self._open:
                _reset(client)
                continue
            try:
                server = self._connect()
            except OSError:
                _reset(client)
                continue
            with self._lock:
                self._pairs.append((client, server))
            self.carry(client, server)

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        """Forward both ways, on threads, until one side ends."""
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        finally:
            end_both(source, target)


def end_both(*ends: socket.socket) -> None:
    """Close both ends of a connection through a proxy."""
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def _reset(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def to_unix(path: str) -> Callable[[], socket.socket]:
    """Connects to a unix socket."""

    def connect() -> socket.socket:
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        end.connect(path)
        return end

    return connect


def to_tcp(host: str, port: int) -> Callable[[], socket.socket]:
    """Connects to a TCP port."""

    def connect() -> socket.socket:
        end = socket.create_connection((host, port), timeout=5)
        end.settimeout(None)  # a connection may be silent for longer than it may take to open
        return end

    return connect
