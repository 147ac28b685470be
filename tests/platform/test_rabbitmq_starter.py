"""A RabbitMQ is found or started for tests, keeps tests apart, survives a crash and never outlives its owner."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pika
import psutil
import pytest

from deploy.rabbitmq_node import PrivateNode
from deploy.services import RabbitMQ, RabbitMQError, find_rabbitmq


def declare(url: str, queue: str) -> None:
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        connection.channel().queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})


def publish(url: str, queue: str, body: bytes) -> None:
    declare(url, queue)
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2), mandatory=True)


def queue_exists(url: str, queue: str) -> bool:
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        try:
            connection.channel().queue_declare(queue, passive=True)
        except pika.exceptions.ChannelClosedByBroker:
            return False
        return True


def fetch(url: str, queue: str) -> bytes | None:
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        channel = connection.channel()
        _, _, body = channel.basic_get(queue, auto_ack=True)
        return bytes(body) if body is not None else None


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{holds} did not come true within {seconds} s"
        time.sleep(0.1)


def processes_on(folder: Path) -> list[psutil.Process]:
    """The processes that belong to the node in `folder`: the node names it, the port mapper has its HOME there."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and str(folder) in process.environ().get("HOME", ""):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="duet-mq-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def private(rabbitmq: RabbitMQ, folder: Path) -> Iterator[PrivateNode]:
    """A node of this test alone, not yet started."""
    if not isinstance(rabbitmq, PrivateNode):
        pytest.skip(f"the tests run on {rabbitmq.description}, not on a node of their own")
    node = PrivateNode(folder / "node", rabbitmq.programs)
    yield node
    node.kill()  # no reason to wait for an orderly end
    node.stop()


def test_a_message_goes_through_the_server_that_was_found(amqp_url: str) -> None:
    publish(amqp_url, "greetings", b"hello")
    assert fetch(amqp_url, "greetings") == b"hello"


def test_what_was_found_is_said_in_words(rabbitmq: RabbitMQ) -> None:
    assert "RabbitMQ" in rabbitmq.description
    assert rabbitmq.version() in rabbitmq.description or "container" in rabbitmq.description


def test_virtual_hosts_keep_tests_apart(rabbitmq: RabbitMQ) -> None:
    one, other = rabbitmq.new_vhost(), rabbitmq.new_vhost()
    publish(one, "greetings", b"hello")
    assert not queue_exists(other, "greetings")
    rabbitmq.drop_vhost(one)
    rabbitmq.drop_vhost(other)
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        queue_exists(one, "greetings")


def test_two_nodes_run_at_once_and_keep_their_messages_through_stop_and_crash(
    rabbitmq: RabbitMQ, private: PrivateNode
) -> None:
    private.start()
    assert private.url != rabbitmq.url
    vhost = private.new_vhost()
    declare(vhost, "kept")
    private.stop()  # in order: RabbitMQ writes a new queue down for good only seconds after it was declared
    private.start()
    publish(vhost, "kept", b"precious")
    private.kill()
    beside = rabbitmq.new_vhost()
    publish(beside, "greetings", b"hello")
    assert fetch(beside, "greetings") == b"hello"
    rabbitmq.drop_vhost(beside)
    private.start()
    wait_until(lambda: queue_exists(vhost, "kept"))
    assert fetch(vhost, "kept") == b"precious"
    assert vhost.rsplit("/", 1)[1] in private.ctl("list_vhosts")
    private.stop()
    wait_until(lambda: not processes_on(private.folder))


def test_a_failing_rabbitmqctl_is_told(rabbitmq: RabbitMQ) -> None:
    if not isinstance(rabbitmq, PrivateNode):
        pytest.skip(f"the tests run on {rabbitmq.description}, not on a node of their own")
    with pytest.raises(RabbitMQError, match="no-such-command"):
        rabbitmq.ctl("no-such-command")


def test_an_address_in_the_environment_is_taken_first(
    rabbitmq: RabbitMQ, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(rabbitmq, PrivateNode):
        pytest.skip(f"the tests run on {rabbitmq.description}, whose management address is not known")
    monkeypatch.setenv("AMQP_URL", rabbitmq.url)
    monkeypatch.setenv("AMQP_MANAGEMENT_URL", rabbitmq.management_url)
    with find_rabbitmq(folder) as found:
        assert "AMQP_URL" in found.description
        vhost = found.new_vhost()
        publish(vhost, "greetings", b"hello")
        assert fetch(vhost, "greetings") == b"hello"
        with pytest.raises(RabbitMQError, match="Only a private node"):
            found.kill()
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        queue_exists(vhost, "greetings")
    assert "/" in rabbitmq.ctl("list_vhosts")  # the server itself goes on


def test_an_address_in_the_environment_that_does_not_answer_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMQP_URL", "amqp://guest:guest@127.0.0.1:1/%2F")
    with pytest.raises(RabbitMQError, match="AMQP_URL is set, but nothing there"):
        find_rabbitmq(folder)


def test_no_node_outlives_the_command_that_was_killed(private: PrivateNode) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "AMQP_URL"}
    temporary = private.folder.parent
    owner = subprocess.Popen(
        [sys.executable, "-m", "deploy.services"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment | {"TMPDIR": str(temporary)},
        cwd=Path(__file__).parents[2],
    )
    assert owner.stdout is not None
    with owner:
        assert "private RabbitMQ" in owner.stdout.readline()
        url = owner.stdout.readline().strip().removeprefix("AMQP_URL=")
        publish(url, "greetings", b"hello")
        assert processes_on(temporary)
        owner.send_signal(signal.SIGKILL)
    wait_until(lambda: not processes_on(temporary))
