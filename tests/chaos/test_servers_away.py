"""The broker and the database killed and frozen in the middle of conversations, and back after a while."""

import random
import signal
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from deploy.postgres import EmbeddedPostgres
from deploy.processes import Processes
from deploy.rabbitmq import RabbitMQ
from deploy.rabbitmq_node import PrivateNode
from tests.chaos.talking import ENVIRONMENT, Truth, compare, new_talkers, seed_companion, talking


def test_a_killed_broker_loses_no_event(
    tmp_path: Path, database_url: str, rabbitmq: RabbitMQ, chance: random.Random
) -> None:
    if not isinstance(rabbitmq, PrivateNode):
        pytest.skip(f"the tests run on {rabbitmq.description}, not on a node of their own")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="duet-mq-"))
        node = stack.enter_context(PrivateNode(Path(folder) / "node", rabbitmq.programs))
        node.start()
        url = node.new_vhost()
        platform = Processes(tmp_path / "logs", database_url=database_url, bus_url=url, env=ENVIRONMENT)
        stack.callback(platform.stop_all)
        platform.start_all()
        seed_companion(platform)
        node.settle(url)
        talkers = new_talkers(platform, 3, watch=True)
        with talking(talkers, chance, gives_up=0.3):
            time.sleep(0.5)
            node.kill()
            time.sleep(chance.uniform(0.0, 2.0))
            node.start()
        compare(talkers, platform, Truth(database_url, url))


def test_a_killed_and_a_frozen_database_lose_nothing(tmp_path: Path, amqp_url: str, chance: random.Random) -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="duet-pg-"))
        server = EmbeddedPostgres(Path(folder) / "pg", {"max_connections": "300"})
        stack.callback(server.stop)
        server.start()
        server.create_databases(["chaos"])
        url = server.uri("chaos")
        platform = Processes(tmp_path / "logs", database_url=url, bus_url=amqp_url, env=ENVIRONMENT)
        stack.callback(platform.stop_all)
        platform.start_all()
        seed_companion(platform)
        for fault in (kill_and_start, freeze):
            print(fault.__name__)
            talkers = new_talkers(platform, 3, watch=True)
            with talking(talkers, chance, texts=8, gives_up=0.3):
                time.sleep(0.5)
                fault(server, chance)
            compare(talkers, platform, Truth(url, amqp_url))


def kill_and_start(server: EmbeddedPostgres, chance: random.Random) -> None:
    server.kill()
    time.sleep(chance.uniform(0.0, 2.0))
    server.start()


def freeze(server: EmbeddedPostgres, _chance: random.Random) -> None:
    """The server and all its backends stand still for a while."""
    data = next(Path(server.folder).rglob("postmaster.pid"))
    postmaster = psutil.Process(int(data.read_text().split()[0]))
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    time.sleep(5.0)
    for process in family:
        process.send_signal(signal.SIGCONT)
