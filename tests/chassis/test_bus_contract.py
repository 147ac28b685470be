"""What both buses promise, by the same tests: nothing lost, effects once, retries, dead letters, signals."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from bus_world import DELAYS_MS, MAX_ATTEMPTS, World
from chassis_kit import Databases, Poked, Prodded

from chassis.envelope import Event
from chassis.errors import Conflict, Unavailable
from chassis.ids import uuid7
from chassis.outbox import Message, NotifyWaker, Outbox
from chassis.testing import eventually


@pytest.fixture(params=["memory", "rabbit"])
def world(request: pytest.FixtureRequest, databases: Databases) -> Iterator[World]:
    amqp_url = request.getfixturevalue("amqp_url") if request.param == "rabbit" else ""
    made = World(request.param, databases, amqp_url)
    yield made
    made.close()


def test_an_event_reaches_every_consumer_once(world: World) -> None:
    one, two = world.consumer(), world.consumer()
    world.relay()
    ids = [each for _ in range(10) for each in world.emit(5)]
    for consumer in (one, two):
        assert eventually(consumer.effects, until=lambda found: len(found) >= 50) == ids
    assert eventually(world.unpublished, until=lambda n: n == 0) == 0


def test_the_same_event_again_changes_nothing(world: World) -> None:
    consumer = world.consumer()
    world.ready(world.bus)
    world.emit(1)
    with world.publisher.reading():
        rows = world.publisher.rows("SELECT id, event_id::text, type, body FROM outbox")
    messages = [Message(row_id, event_id, kind, bytes(body)) for row_id, event_id, kind, body in rows]
    for _ in range(3):
        assert world.bus.publish(messages) == {messages[0].id}
    world.relay()
    last = world.emit(1)
    assert eventually(consumer.effects, until=lambda found: last[0] in found)[-1:] == last
    assert len(consumer.effects()) == 2


def test_a_handler_that_fails_is_tried_again_until_it_works(world: World) -> None:
    left = iter(["fail"] * (MAX_ATTEMPTS - 1))

    def fail_at_first(_event: Event) -> None:
        if next(left, None):
            raise RuntimeError("not yet")

    consumer = world.consumer(fail_at_first)
    world.relay()
    started = time.monotonic()
    ids = world.emit()
    assert eventually(consumer.effects) == ids
    assert consumer.seen == ids * MAX_ATTEMPTS
    assert time.monotonic() - started >= sum(DELAYS_MS) / 1000
    assert world.dead(consumer) == []


def test_a_failure_does_not_hold_up_the_events_behind_it(world: World) -> None:
    bad = uuid7()

    def refuse_bad(event: Any) -> None:
        if event.poke_id == bad:
            raise RuntimeError("never")

    consumer = world.consumer(refuse_bad)
    world.relay()
    with world.publisher.transaction():
        world.outbox.emit(Poked(bad))
    good = world.emit(3)
    assert eventually(consumer.effects, until=lambda found: len(found) == 3) == good
    assert eventually(lambda: world.dead(consumer)) == [f"RuntimeError after {MAX_ATTEMPTS} attempts"]


def test_a_refusal_is_dead_at_once(world: World) -> None:
    def refuse(_event: Event) -> None:
        raise Conflict("never", code="makes-no-sense")

    consumer = world.consumer(refuse)
    world.relay()
    world.emit()
    assert eventually(lambda: world.dead(consumer)) == ["makes-no-sense"]
    assert len(consumer.seen) == 1


def test_a_failure_without_end_is_dead_after_all_attempts(world: World) -> None:
    def fail(_event: Event) -> None:
        raise RuntimeError("never")

    consumer = world.consumer(fail)
    world.relay()
    world.emit()
    assert eventually(lambda: world.dead(consumer)) == [f"RuntimeError after {MAX_ATTEMPTS} attempts"]
    assert len(consumer.seen) == MAX_ATTEMPTS
    assert consumer.effects() == []


@pytest.mark.parametrize("body", [b"\xff", b"[" * 10_000, b'{"specversion": "1.0"}', b"x" * 70_000])
def test_what_is_no_event_is_dead_and_the_next_one_lives(world: World, body: bytes) -> None:
    consumer = world.consumer()
    world.ready(world.bus)
    world.bus.publish([Message(1, str(uuid.uuid4()), Poked.TYPE, body)])
    assert eventually(lambda: world.dead(consumer))[0].startswith("invalid-event")
    world.relay()
    ids = world.emit()
    assert eventually(consumer.effects) == ids


def test_a_consumers_database_away_costs_no_attempts(world: World) -> None:
    consumer = world.consumer()
    world.relay()
    with world.databases.away(consumer.database):
        ids = world.emit(3)
        time.sleep(MAX_ATTEMPTS * sum(DELAYS_MS) / 1000 + 1.0)  # longer than all attempts together would last
    assert sorted(eventually(consumer.effects, until=lambda found: len(found) == 3, within=20)) == sorted(ids)
    assert world.dead(consumer) == []


def test_a_dependency_away_costs_no_attempts(world: World) -> None:
    ends = [Unavailable()] * 3 * MAX_ATTEMPTS + [RuntimeError("no")] * (MAX_ATTEMPTS - 1)

    def need(_event: Event) -> None:
        if ends:
            raise ends.pop(0)

    consumer = world.consumer(need)
    world.relay()
    ids = world.emit()
    assert eventually(consumer.effects, within=20) == ids
    assert len(consumer.seen) == 4 * MAX_ATTEMPTS


def test_an_event_of_a_rolled_back_transaction_was_never_there(world: World) -> None:
    consumer = world.consumer()
    world.relay()
    with pytest.raises(Conflict), world.publisher.transaction():
        world.outbox.emit(Poked(uuid7()))
        raise Conflict()
    ids = world.emit()
    assert eventually(consumer.effects) == ids


def test_two_relays_side_by_side_lose_nothing(world: World) -> None:
    consumer = world.consumer()
    ids = [each for _ in range(20) for each in world.emit(60)]
    world.relay()
    world.relay()
    found = eventually(consumer.effects, until=lambda found: len(found) >= 1200, within=60, every=0.2)
    assert sorted(found) == sorted(ids)
    assert eventually(world.unpublished, until=lambda n: n == 0) == 0


def test_an_event_that_nobody_takes_waits_and_the_ones_behind_it_do_not(world: World) -> None:
    consumer = world.consumer()
    waiting = world.emit(1100, Prodded)
    world.relay()
    ids = world.emit(3)
    assert eventually(consumer.effects, until=lambda found: len(found) == 3) == ids
    eventually(world.unpublished, until=lambda n: n == len(waiting))
    late = world.consumer(kinds=[Prodded])
    found = eventually(late.effects, until=lambda found: len(found) >= len(waiting), within=60, every=0.2)
    assert sorted(found) == sorted(waiting)
    assert eventually(world.unpublished, until=lambda n: n == 0) == 0


def test_a_signal_reaches_every_listener_and_a_bad_listener_hurts_nobody(world: World) -> None:
    heard: list[Any] = []

    def hear(signal: Any) -> None:
        heard.append(signal)
        if signal["n"] == 1:
            raise RuntimeError("a bad listener")

    other: list[Any] = []
    world.consumer(on_signal=hear)
    world.consumer(on_signal=other.append)
    world.ready(world.bus)
    for n in (1, 2, 3):
        world.bus.send_signal({"user_id": "u", "event": "reply.delta", "n": n, "text": "ä🌷"})
    for listener in (heard, other):
        eventually(lambda one=listener: len(one) == 3)  # type: ignore[misc]  # bound at once
        assert [signal["n"] for signal in listener] == [1, 2, 3]
        assert listener[0] == {"user_id": "u", "event": "reply.delta", "n": 1, "text": "ä🌷"}


def test_a_signal_without_a_listener_is_lost_without_a_word(world: World) -> None:
    world.bus.send_signal({"user_id": "u"})


def test_a_commit_wakes_a_relay_that_listens_from_another_process(world: World) -> None:
    consumer = world.consumer()
    relay = world.relay(listen=True)
    relay.BUSY_SWEEP_S = relay.IDLE_SWEEP_S = 60.0
    world.outbox = Outbox(world.publisher)
    assert isinstance(world.outbox.wake, NotifyWaker)
    world.emit()
    eventually(consumer.effects)
    time.sleep(0.3)  # let the relay go to sleep, for a minute
    delays = []
    for n in range(2, 12):
        started = time.monotonic()
        world.emit()
        eventually(consumer.effects, until=lambda found, n=n: len(found) == n, every=0.005, within=20)  # type: ignore[misc]  # as above
        delays.append(time.monotonic() - started)
    assert sorted(delays)[5] < 1.0, delays


def test_a_relay_hears_again_after_its_line_was_cut(world: World) -> None:
    consumer = world.consumer()
    relay = world.relay(listen=True)
    relay.BUSY_SWEEP_S = relay.IDLE_SWEEP_S = 60.0
    ids = world.emit()
    eventually(consumer.effects)
    with world.databases.away(world.publisher):
        time.sleep(0.5)
    ids += world.emit()
    assert eventually(consumer.effects, until=lambda found: len(found) == 2) == ids


def test_after_its_stop_a_bus_takes_nothing(world: World) -> None:
    world.ready(world.bus)
    world.bus.stop()
    with pytest.raises(Unavailable):
        world.bus.check()
    with pytest.raises(Unavailable):
        world.bus.publish([Message(1, str(uuid.uuid4()), Poked.TYPE, b"{}")])
