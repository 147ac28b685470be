"""Loopback ports for servers that are started beside each other."""

import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
_FIRST = 15_000
_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
_OUTGOING_FIRST = 32_768  # where the system does not say: Linux's own default, below everybody else's
_handed_out: set[int] = set()


class NoPortError(RuntimeError):
    """Every port that may be handed out is taken."""


def free_ports(count: int) -> list[int]:
    """`count` ports that nobody listens on, none of them handed out by this process before. Raises NoPortError.

    They lie below the ports that the system gives outgoing connections: one of those could take a port between this
    look and the server's start. Servers choose at random, so that two test runs side by side hardly meet.
    """
    candidates = range(_FIRST, max(_first_outgoing(), _FIRST))
    ports: list[int] = []
    for port in random.sample(candidates, len(candidates)):
        if len(ports) == count:
            break
        if port not in _handed_out and _is_free(port):
            ports.append(port)
    if len(ports) < count:
        raise NoPortError(f"There are no {count} free ports from {_FIRST} below {candidates.stop}.")
    _handed_out.update(ports)
    return ports


def free_port() -> int:
    """One of `free_ports`."""
    return free_ports(1)[0]


def _first_outgoing() -> int:
    try:
        return int(_OUTGOING.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return _OUTGOING_FIRST


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
