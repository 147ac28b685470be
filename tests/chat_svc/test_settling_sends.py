"""Admissions whose send was killed on the way: quota-svc asks, and what was taken back is never written later."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chassis.contracts.chat import AIReplyRequested
from chassis.ids import uuid7
from chassis.testing import Caller, eventually, problem
from tests.chat_svc.chat_stand_ins import Chat


@pytest.fixture
def place(chat: Chat, user: Caller) -> str:
    return str(chat.conversation(user)["id"])


def path_of(place: str) -> str:
    return f"/v1/conversations/{place}/messages"


def test_an_admission_that_became_a_message_exists(chat: Chat, user: Caller, place: str) -> None:
    chat.send(user, place)
    (admission,) = chat.quota.admissions.values()
    assert chat.settle(admission) is True
    assert chat.count("voided_admissions") == 0


def test_a_send_settled_between_admission_and_writing_is_not_written_but_its_repeat_is(
    chat: Chat, user: Caller, place: str
) -> None:
    draft = chat.draft()
    verdicts: list[bool] = []
    chat.quota.after_admitting = lambda admission: verdicts.append(chat.settle(admission))
    stuck = user("POST", path_of(place), draft)
    assert (stuck.status_code, problem(stuck)["code"]) == (503, "unavailable")
    assert verdicts == [False]
    assert (chat.count("messages"), len(chat.emitted(AIReplyRequested))) == (0, 0)
    assert chat.row("SELECT last_seq FROM conversations") == (0,)
    chat.quota.after_admitting = lambda _admission: None
    (admission_id,) = chat.quota.admissions
    assert user("POST", path_of(place), draft).status_code == 503
    chat.quota.reverse(admission_id)
    written = user("POST", path_of(place), draft)
    assert (written.status_code, written.json["seq"]) == (201, 1)
    assert chat.emitted(AIReplyRequested)[0]["generation"] == 2
    assert chat.settle(chat.quota.admissions[admission_id]) is True
    assert chat.settle({**chat.quota.admissions[admission_id], "generation": 1}) is False


def test_a_send_that_waits_for_the_settlement_sees_its_verdict(chat: Chat, user: Caller, place: str) -> None:
    """The tombstone commits while the send already waits for the conversation's row."""
    draft = chat.draft()
    with closing(psycopg2.connect(chat.service.database.dsn)) as settling, ThreadPoolExecutor(1) as threads:
        cursor = settling.cursor()
        cursor.execute("SELECT 1 FROM conversations FOR UPDATE")
        sending = threads.submit(user, "POST", path_of(place), draft)
        eventually(
            lambda: chat.row(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ),
            until=lambda found: found == (1,),
        )
        (admission,) = chat.quota.admissions.values()
        cursor.execute(
            "INSERT INTO voided_admissions (conversation_id, admission_id, generation) VALUES (%s, %s, 1)",
            (place, admission["admission_id"]),
        )
        settling.commit()
        assert sending.result(60).status_code == 503
    assert chat.count("messages") == 0


def test_an_admission_of_a_later_generation_than_its_message_became_nothing(
    chat: Chat, user: Caller, place: str
) -> None:
    """A repeat can be admitted afresh after the reply failed and its quota was returned, and then find the message."""
    chat.send(user, place)
    (admission,) = chat.quota.admissions.values()
    assert chat.settle({**admission, "generation": 2}) is False
    assert chat.settle(admission) is True


def test_settling_twice_and_out_of_order_keeps_the_latest_generation(chat: Chat, user: Caller, place: str) -> None:
    chat.quota.after_admitting = lambda admission: chat.settle({**admission, "generation": 3})
    assert user("POST", path_of(place), chat.draft()).status_code == 503
    (admission,) = chat.quota.admissions.values()
    for generation in (3, 1):
        assert chat.settle({**admission, "generation": generation}) is False
    assert chat.row("SELECT count(*), max(generation) FROM voided_admissions") == (1, 3)


def test_a_regeneration_settled_before_it_was_written_is_not_written_but_its_repeat_is(
    chat: Chat, user: Caller, place: str
) -> None:
    chat.reply(place, [chat.send(user, place)["id"]])
    path = f"/v1/conversations/{place}/regenerate"
    body = {"client_id": str(uuid.uuid4()), "permit_id": chat.quota.permit()}
    chat.quota.after_admitting = lambda admission: chat.settle(admission)
    assert user("POST", path, body).status_code == 503
    assert chat.count("regenerations") == 0
    chat.quota.after_admitting = lambda _admission: None
    admission_id = list(chat.quota.admissions)[-1]
    chat.quota.reverse(admission_id)
    assert user("POST", path, body).status_code == 202
    assert chat.settle(chat.quota.admissions[admission_id]) is True


def test_an_admission_that_is_none_of_ours_is_refused(chat: Chat, user: Caller, place: str) -> None:
    chat.send(user, place)
    (admission,) = chat.quota.admissions.values()

    def ask(**change: Any) -> int:
        fields = ("admission_id", "generation", "conversation_id", "sender_id", "client_id")
        body = {name: admission[name] for name in fields} | change
        return chat.as_quota("POST", "/internal/sends/settle", body).status_code

    assert ask(admission_id=str(uuid7())) == 422
    assert ask(generation=0) == 422
    assert ask(generation="1") == 422
    assert chat.count("voided_admissions") == 0
