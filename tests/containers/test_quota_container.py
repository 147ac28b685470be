"""quota-svc alone: events in and out over RabbitMQ, with chat-svc and the gateway as strict stand-ins."""

import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chassis.contracts.chat import MessagePosted
from chassis.contracts.quota import QuotaChanged
from chassis.ids import uuid7
from chassis.testing import eventually


def bot_checks_pass(container: Any) -> None:
    container.neighbours["gateway"].expect(
        "POST", "/internal/bot-checks", {"check_id", "bot_token", "action"}, lambda _body: (204, None)
    )


@pytest.fixture(scope="module")
def quota(contain: Callable[..., Any]) -> Any:
    return contain("quota-svc", expect=bot_checks_pass)


def admitted(quota: Any) -> dict[str, str]:
    """A free user with an open quota and one admission."""
    user, companion, conversation = (str(uuid7()) for _ in range(3))
    opened = {"user_id": user, "companion_id": companion, "conversation_id": conversation}
    answer = quota.as_service("chat-svc", "POST", "/internal/quotas/open", opened)
    assert answer.json()["free_remaining"] == {"text": 10, "media": 2, "audio": 3}
    permit = quota.call("POST", "/v1/permits", {"bot_token": "x", "scope": "chat_send"}, subject=user, role="user")
    assert permit.status_code == 201, permit.text
    admission = {
        **opened,
        "admission_id": str(uuid7()),
        "permit_id": permit.json()["permit_id"],
        "scope": "chat_send",
        "spend": "text",
        "sender_id": user,
        "client_id": str(uuid.uuid4()),
    }
    answer = quota.as_service("chat-svc", "POST", "/internal/admissions", admission)
    assert answer.json() == {"generation": 1}
    return admission


def test_a_spent_quota_is_told_over_the_bus(quota: Any) -> None:
    admission = admitted(quota)
    (told,) = eventually(lambda: quota.events(QuotaChanged, user_id=admission["user_id"]), within=60)
    assert told == {name: admission[name] for name in ("user_id", "companion_id", "conversation_id")}
    assert quota.neighbours["gateway"].bodies("POST", "/internal/bot-checks")[0]["action"] == "permit"


def test_the_media_that_a_reply_spends_and_returns_is_told_over_the_bus(quota: Any) -> None:
    admission = admitted(quota)
    opened = {name: admission[name] for name in ("user_id", "companion_id", "conversation_id")}
    body = {**opened, "spend_id": str(uuid7()), "kind": "video"}
    answers = [quota.as_service("ai-svc", "POST", "/internal/spends", body) for _ in range(3)]
    assert [one.json() for one in answers] == [{"spent": "media"}] * 3
    back = f"/internal/spends/{body['spend_id']}/return"
    returned = [quota.as_service("ai-svc", "POST", back, None).json()["returned"] for _ in range(2)]
    assert returned == [True, False]
    told = eventually(
        lambda: quota.events(QuotaChanged, user_id=admission["user_id"]), until=lambda found: len(found) == 3, within=60
    )
    assert told == [opened] * 3


def test_a_posted_message_marks_its_admission_as_used_however_often_it_is_told(quota: Any) -> None:
    admission = admitted(quota)
    posted = MessagePosted(
        message_id=uuid7(),
        conversation_id=uuid.UUID(admission["conversation_id"]),
        seq=1,
        sender_id=uuid.UUID(admission["user_id"]),
        recipients=[uuid.UUID(admission["user_id"])],
        kind="text",
        admission_id=uuid.UUID(admission["admission_id"]),
        generation=1,
    )
    quota.publish(posted, times=5)

    def state() -> str:
        with (
            closing(psycopg2.connect(quota.database_url.replace("?", "_quota?"))) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT state FROM admissions WHERE id = %s", (admission["admission_id"],))
            return str((cursor.fetchone() or ("missing",))[0])

    eventually(state, until=lambda found: found == "used", within=60)
    eventually(lambda: quota.depth("quota-svc"), until=lambda depth: depth == 0, within=60)
    assert quota.depth("quota-svc.dead") == 0


def test_an_event_that_is_none_ends_in_the_dead_letters(quota: Any) -> None:
    quota.publish_raw(MessagePosted.TYPE, b"{")
    eventually(lambda: quota.depth("quota-svc.dead"), until=lambda depth: depth == 1, within=60)
