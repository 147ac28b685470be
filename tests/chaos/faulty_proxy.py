"""A proxy in front of a service that delivers requests, but loses answers, or keeps one back until it is told to."""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter

from tests.stubs.tcp_proxy import TcpProxy, end_both, to_tcp


class HeldAnswer:
    """An answer that is kept back. `caller_port`: of the connection on which somebody waits for it."""

    def __init__(self) -> None:
        self.there = threading.Event()
        self.go_on = threading.Event()
        self.sent = threading.Event()
        self.caller_port = 0


class FaultyProxy(TcpProxy):
    """Forwards 127.0.0.1:`port` to the HTTP server on the port `target`. Of its answers a share of `chance_of_loss`
    never arrives, although the request was carried out, and once that is above 0, the first one of each kind does not;
    `lost` counts them by method and shape of the path."""

    def __init__(self, target: int, chance: random.Random) -> None:
        self.chance_of_loss = 0.0
        self.lost: Counter[str] = Counter()
        self._held: tuple[str, HeldAnswer] | None = None
        self._chance = chance
        super().__init__(to_tcp("127.0.0.1", target))

    def hold(self, request: str) -> HeldAnswer:
        """Keep back the next answer to this request (`POST /path`)."""
        held = HeldAnswer()
        self._held = (request, held)
        return held

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        line = _Line(client, server)
        threading.Thread(target=self._requests, args=(line,), daemon=True).start()
        threading.Thread(target=self._answers, args=(line,), daemon=True).start()

    def _requests(self, line: _Line) -> None:
        try:
            while data := line.client.recv(65536):
                head = data.split(b"\r\n", 1)[0].split(b" ")
                if len(head) == 3 and head[2].startswith(b"HTTP/"):
                    line.asked = b" ".join(head[:2]).decode(errors="replace")
                line.server.sendall(data)
        except OSError:
            pass
        finally:
            end_both(line.client, line.server)

    def _answers(self, line: _Line) -> None:
        try:
            while data := line.server.recv(65536):
                if data.startswith(b"HTTP/1.1 "):
                    if self._is_lost(_shape(line.asked)):
                        return
                    self._wait_where_held(line)
                line.client.sendall(data)
                line.sent.set()
        except OSError:
            pass
        finally:
            end_both(line.client, line.server)

    def _is_lost(self, shape: str) -> bool:
        lost = self.chance_of_loss > 0 and (not self.lost[shape] or self._chance.random() < self.chance_of_loss)
        self.lost[shape] += lost
        return lost

    def _wait_where_held(self, line: _Line) -> None:
        if self._held is not None and self._held[0] == line.asked:
            held, self._held = self._held[1], None
            held.caller_port = line.client.getpeername()[1]
            line.sent = held.sent
            held.there.set()
            held.go_on.wait(60)


def _shape(request: str) -> str:
    return "/".join("…" if len(part) > 30 else part for part in request.split("/"))


class _Line:
    """One connection through the proxy; `asked`: the method and path of its last request."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.asked = ""
        self.sent = threading.Event()
