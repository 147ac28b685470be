"""Requests for replies as they come from the bus: twice, out of order, at once, malformed (invariants 13, 22)."""

import threading
from dataclasses import dataclass
from uuid import UUID

from chassis.context import clean_traceparent, new_request_id
from chassis.contracts.chat import AIReplyRequested
from chassis.db import Database
from chassis.envelope import Event, seal
from chassis.ids import uuid7
from chassis.inbox import Dead, Dispatcher, Done
from chassis.testing import Harness, eventually
from tests.ai_svc.asking import another, companion, jobs, request, work
from tests.ai_svc.neighbours import ChatStandIn
from tests.ai_svc.scripted import ScriptedEngine


def test_the_same_delivery_twenty_times_makes_one_job_and_one_reply(ai: Harness, chat: ChatStandIn) -> None:
    event = request(companion(ai))
    assert ai.deliver(event, times=20) == [Done()] * 20
    assert len(jobs(ai)) == 1
    work(ai)
    assert ai.deliver(event, times=5) == [Done()] * 5, "the same request in another envelope"
    assert work(ai) == 0
    assert len(jobs(ai)) == len(chat.replies) == 1


def test_requests_out_of_order_are_each_answered_once(ai: Harness, chat: ChatStandIn) -> None:
    first = request(companion(ai))
    second = another(first)
    ai.deliver(second)
    work(ai)
    ai.deliver(first)
    work(ai)
    ai.deliver(second)
    assert work(ai) == 0
    answered = [one["message_ids"] for one in chat.replies.values()]
    assert answered == [[str(second.message_ids[0])], [str(first.message_ids[0])]]


def test_twenty_messages_at_once_beside_a_working_worker_are_each_answered_exactly_once(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine
) -> None:
    first = request(companion(ai))
    events = [first, *(another(first) for _ in range(19))]
    stop = threading.Event()

    def keep_working() -> None:
        while not stop.is_set():
            ai.run_loop("replies")

    workers = [threading.Thread(target=keep_working) for _ in range(2)]
    senders = [threading.Thread(target=ai.deliver, args=(event,)) for event in events]
    for thread in (*workers, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    stop.set()
    for thread in workers:
        thread.join()
    work(ai)
    answered = [message_id for one in chat.replies.values() for message_id in one["message_ids"]]
    assert sorted(answered) == sorted(str(event.message_ids[0]) for event in events)
    assert {job["state"] for job in jobs(ai)} == {"done"}


def test_a_request_wakes_the_workers(ai: Harness, chat: ChatStandIn) -> None:
    (loop,) = (one for one in ai.service.loops if one.name == "ai-svc-replies")
    her = companion(ai)
    arrived = threading.Event()
    chat.after["reply"] = arrived.set
    loop.start()
    try:
        ai.deliver(request(her))
        assert arrived.wait(60)
    finally:
        loop.stop(60)


def test_a_request_for_a_reply_to_nothing_is_dead_at_once(ai: Harness) -> None:
    (outcome,) = ai.deliver(request(uuid7(), message_ids=[]))
    assert isinstance(outcome, Dead)
    assert not jobs(ai)


@dataclass(frozen=True)
class _Incomplete(Event):
    """A request from an owner that forgot most of it."""

    TYPE = AIReplyRequested.TYPE
    OWNER = AIReplyRequested.OWNER
    request_id: UUID


def test_an_incomplete_request_is_dead_at_once(ai: Harness) -> None:
    dispatcher = Dispatcher(ai.service.name, ai.service.database, ai.service.handlers)
    envelope = seal(_Incomplete(uuid7()), request_id=new_request_id(), traceparent=clean_traceparent(None))
    assert isinstance(dispatcher.dispatch(envelope.to_bytes()), Dead)
    assert not jobs(ai)


def test_the_calls_for_a_reply_carry_the_request_id_of_the_message(ai: Harness, chat: ChatStandIn) -> None:
    event = request(companion(ai))
    dispatcher = Dispatcher(ai.service.name, ai.service.database, ai.service.handlers)
    traceparent = clean_traceparent(None)
    dispatcher.dispatch(seal(event, request_id="send-4711", traceparent=traceparent).to_bytes())
    work(ai)
    assert chat.surroundings == {("send-4711", traceparent)}


def test_a_request_that_waited_for_the_end_of_the_reply_before_gets_its_own(ai: Harness, chat: ChatStandIn) -> None:
    first = request(companion(ai))
    second = another(first)
    ai.deliver(first)
    outcomes: list[object] = []
    database = ai.service.database
    late = threading.Thread(target=lambda: outcomes.extend(ai.deliver(second)))
    with database.transaction():
        # A worker takes, answers and ends the first one, while the second one looks for an open job.
        database.row("SELECT 1 FROM reply_jobs WHERE id = %s FOR UPDATE", (first.reply_id,))
        late.start()
        eventually(lambda: waits_for_a_lock(database))
        database.execute("UPDATE reply_requests SET job_id = %s WHERE id = %s", (first.reply_id, first.request_id))
        database.execute("UPDATE reply_jobs SET state = 'done', finished_at = now() WHERE id = %s", (first.reply_id,))
    late.join()
    assert outcomes == [Done()]
    assert [(job["id"], job["state"]) for job in jobs(ai)] == [(first.reply_id, "done"), (second.reply_id, "open")]
    work(ai)
    assert list(chat.replies) == [str(second.reply_id)]


def waits_for_a_lock(database: Database) -> bool:
    """Whether somebody waits for us; a transaction would see the same answer again and again."""
    database.row("SELECT pg_stat_clear_snapshot()")
    return (
        database.row("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        is not None
    )
