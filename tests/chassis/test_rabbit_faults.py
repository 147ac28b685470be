"""RabbitMQ that dies, blocks, closes channels and connections: nothing is lost and everything comes back by itself."""

import gc
import socket
import tempfile
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pytest
from bus_world import World
from chassis_kit import Databases, Poked
from structlog.testing import capture_logs

from chassis.envelope import Event, seal
from chassis.errors import Unavailable
from chassis.ids import uuid7
from chassis.outbox import Message
from chassis.rabbit import EXCHANGE, RabbitBus, declare_topology
from chassis.testing import eventually
from deploy.rabbitmq_node import PrivateNode
from deploy.services import RabbitMQ


@pytest.fixture
def world(databases: Databases, amqp_url: str) -> Iterator[World]:
    made = World("rabbit", databases, amqp_url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def own_node(rabbitmq: RabbitMQ) -> Iterator[PrivateNode]:
    """A broker of these tests alone, which may be killed."""
    if not isinstance(rabbitmq, PrivateNode):
        pytest.skip(f"the tests run on {rabbitmq.description}, not on a node of their own")
    with tempfile.TemporaryDirectory(prefix="duet-mq-") as folder:
        node = PrivateNode(Path(folder) / "node", rabbitmq.programs)
        node.start()
        yield node
        node.kill()
        node.stop()


@pytest.fixture
def own_world(databases: Databases, own_node: PrivateNode) -> Iterator[World]:
    made = World("rabbit", databases, own_node.new_vhost())
    yield made
    made.close()


def poke(n: int) -> Message:
    event_id = uuid7()
    body = seal(Poked(uuid7()), request_id="r", traceparent="").to_bytes()
    return Message(n, str(event_id), Poked.TYPE, body)


def depth(world: World, queue: str) -> int:
    connection = pika.BlockingConnection(pika.URLParameters(world.amqp_url))
    try:
        return int(connection.channel().queue_declare(queue, passive=True).method.message_count)
    finally:
        connection.close()


def test_a_consumer_that_stops_under_load_leaves_the_rest_to_the_next(world: World) -> None:
    def be_slow(_event: Event) -> None:
        time.sleep(0.01)

    first = world.consumer(be_slow, service="svc-slow")
    world.relay()
    ids = world.emit(1000)
    eventually(first.effects, until=lambda found: len(found) >= 20)
    world.consuming[-1].stop()
    done = first.effects()
    assert 20 <= len(done) < 1000
    second = world.consumer(service="svc-slow", database=first.database)
    assert sorted(eventually(second.effects, until=lambda found: len(found) >= 1000, within=60)) == sorted(ids)
    assert len(second.seen) == 1000 - len(done)


def test_retries_between_acknowledged_deliveries_lose_nothing(world: World) -> None:
    """Every third fails once: published for later while its neighbours are acknowledged by the dozen."""
    failed: set[Any] = set()

    def fail_some(event: Any) -> None:
        if event.poke_id.int % 3 == 0 and event.poke_id not in failed:
            failed.add(event.poke_id)
            raise RuntimeError("once")

    consumer = world.consumer(fail_some)
    world.relay()
    ids = [each for _ in range(4) for each in world.emit(100)]
    found = eventually(consumer.effects, until=lambda found: len(found) >= 400, within=60, every=0.1)
    assert sorted(found) == sorted(ids)
    assert len(failed) > 50
    eventually(lambda: depth(world, consumer.service), until=lambda n: n == 0)
    assert world.dead(consumer) == []


def test_the_publisher_keeps_nothing_of_what_was_confirmed(world: World) -> None:
    world.consumer()
    world.ready(world.bus)
    messages = [poke(n) for n in range(1, 501)]
    kept = [weakref.ref(message) for message in messages]
    assert world.bus.publish(messages) == set(range(1, 501))
    del messages
    gc.collect()
    assert [ref for ref in kept if ref() is not None] == []


def test_many_threads_publish_at_once(world: World) -> None:
    world.consumer()
    world.ready(world.bus)
    taken: list[set[int]] = []

    def work(n: int) -> None:
        for m in range(10):
            first = n * 10_000 + m * 100
            messages = [poke(first + k) for k in range(50)]
            taken.append(world.bus.publish(messages) ^ {message.id for message in messages})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [set()] * 40


def test_only_the_unroutable_ones_of_a_batch_come_back(world: World) -> None:
    world.consumer()
    world.ready(world.bus)
    lost = [Message(n, str(uuid7()), "test.nobody.v1", b"{}") for n in (2, 4)]
    assert world.bus.publish([poke(1), lost[0], poke(3), lost[1], poke(5)]) == {1, 3, 5}


def test_the_publisher_comes_back_after_its_exchange_was_taken_away(world: World) -> None:
    """Publishing to an exchange that is gone closes the channel: the event waits, the next connection has it again."""
    world.consumer()
    world.ready(world.bus)
    connection = pika.BlockingConnection(pika.URLParameters(world.amqp_url))
    connection.channel().exchange_delete(EXCHANGE)
    assert world.bus.publish([poke(1)]) == set()
    connection.close()
    eventually(lambda: publishes(world.bus, lambda: [poke(2)]), until=lambda taken: taken == set())
    declare_topology(world.amqp_url, {"svc-again": [Poked.TYPE]})
    assert publishes(world.bus, lambda: [poke(3)]) == {3}


def publishes(bus: Any, messages: Callable[[], list[Message]]) -> set[int] | None:
    try:
        taken: set[int] = bus.publish(messages())
    except Unavailable:
        return None
    return taken


def test_a_consumer_whose_queue_is_deleted_declares_it_again(world: World) -> None:
    consumer = world.consumer()
    world.relay()
    connection = pika.BlockingConnection(pika.URLParameters(world.amqp_url))
    connection.channel().queue_delete(consumer.service)
    connection.close()
    ids = world.emit()
    assert eventually(consumer.effects, within=60) == ids


def test_connections_closed_by_the_broker_are_made_again(own_world: World, own_node: PrivateNode) -> None:
    world = own_world
    consumer = world.consumer()
    world.relay()
    ids = world.emit()
    eventually(consumer.effects)
    own_node.ctl("close_all_connections", "test")
    ids += world.emit()
    assert eventually(consumer.effects, until=lambda found: len(found) == 2, within=60) == ids


def test_a_long_queue_of_slow_handlers_does_not_cost_the_connection(world: World) -> None:
    """With a heartbeat of 5 s, 13 s of handlers in a row: the connection is served in between."""
    world.amqp_url += "?heartbeat=5"

    def be_slow(_event: Event) -> None:
        time.sleep(0.4)

    with capture_logs() as logs:
        consumer = world.consumer(be_slow)
        world.relay()
        ids = world.emit(32)
        assert eventually(consumer.effects, until=lambda found: len(found) == 32, within=60) == ids
        assert consumer.seen == ids
    assert [entry for entry in logs if entry["event"] == "consumer_lost"] == []


def test_a_handler_that_outlasts_the_heartbeat_takes_effect_once(world: World) -> None:
    world.amqp_url += "?heartbeat=1"
    slow = iter([True])

    def stall_once(_event: Event) -> None:
        if next(slow, False):
            time.sleep(8.0)

    consumer = world.consumer(stall_once)
    world.relay()
    ids = world.emit(5)
    assert sorted(eventually(consumer.effects, until=lambda found: len(found) >= 5, within=60)) == sorted(ids)
    eventually(lambda: depth(world, consumer.service), until=lambda n: n == 0)
    assert len(consumer.effects()) == 5
    assert world.dead(consumer) == []


def test_a_broker_killed_in_the_middle_loses_nothing(own_world: World, own_node: PrivateNode) -> None:
    world = own_world
    consumer = world.consumer()
    own_node.settle(world.amqp_url)
    ids = [each for _ in range(20) for each in world.emit(100)]
    world.relay()
    world.relay()
    eventually(consumer.effects, until=lambda found: len(found) >= 300, every=0.005)
    own_node.kill()
    assert len(consumer.effects()) < 2000
    with pytest.raises(Unavailable):
        eventually(lambda: world.bus.check(), until=lambda _: False)
    ids += world.emit(10)
    own_node.start()
    found = eventually(consumer.effects, until=lambda found: len(found) >= 2010, within=60, every=0.2)
    assert sorted(found) == sorted(ids)
    assert eventually(world.unpublished, until=lambda n: n == 0) == 0
    assert world.dead(consumer) == []


def test_a_broker_that_blocks_is_unavailable_at_once_and_takes_up_again(
    own_world: World, own_node: PrivateNode
) -> None:
    world = own_world
    consumer = world.consumer()
    world.relay()
    ids = world.emit()
    eventually(consumer.effects)
    own_node.ctl("set_vm_memory_high_watermark", "absolute", "1")
    try:
        ids += world.emit(20)
        with pytest.raises(Unavailable):
            eventually(lambda: world.bus.check(), until=lambda _: False)
        started = time.monotonic()
        assert publishes(world.bus, lambda: [poke(1)]) is None
        assert time.monotonic() - started < 8
        assert len(consumer.effects()) == 1
    finally:
        own_node.ctl("set_vm_memory_high_watermark", "0.4")
    found = eventually(consumer.effects, until=lambda found: len(found) >= 21, within=60, every=0.2)
    assert sorted(set(found)) == sorted(ids)
    assert len(found) == 21


def test_a_bus_without_a_broker_stops_quickly_and_says_that_it_is_away() -> None:
    bus = RabbitBus("amqp://guest:guest@127.0.0.1:1/%2F")
    with pytest.raises(Unavailable):
        bus.check()
    bus.send_signal({"n": 1})
    started = time.monotonic()
    bus.stop()
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("after_s", [0.0, 0.3])
def test_stopping_in_the_middle_of_connecting_leaves_no_socket_open(after_s: float) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        before = len(list(Path("/proc/self/fd").iterdir()))
        bus = RabbitBus(f"amqp://guest:guest@127.0.0.1:{silent.getsockname()[1]}/%2F")
        time.sleep(after_s)
        started = time.monotonic()
        bus.stop()
        assert time.monotonic() - started < 20
        assert eventually(lambda: len(list(Path("/proc/self/fd").iterdir())), until=lambda n: n <= before) <= before


def test_reconnecting_leaks_no_file_descriptors() -> None:
    bus = RabbitBus(f"amqp://guest:guest@127.0.0.1:1/{uuid.uuid4().hex}")
    time.sleep(1.5)
    before = len(list(Path("/proc/self/fd").iterdir()))
    time.sleep(6)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 4
    bus.stop()
