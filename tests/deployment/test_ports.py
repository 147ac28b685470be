"""Ports for servers that tests and hosts start beside each other."""

import socket
from pathlib import Path

from deploy.ports import free_port, free_ports


def test_ports_are_handed_out_once() -> None:
    ports = [*free_ports(300), *(free_port() for _ in range(300))]
    assert len(set(ports)) == 600


def test_no_outgoing_connection_can_take_a_port_that_was_handed_out() -> None:
    first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(free_ports(300)) < first_outgoing


def test_a_server_can_start_on_each_of_them() -> None:
    for port in free_ports(50):
        socket.create_server(("127.0.0.1", port)).close()
