"""The rules of the chat on plain values."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.errors import Conflict
from chassis.ids import uuid7
from chat_svc.domain.media import Media, can_be_shown, shown
from chat_svc.domain.messages import RETRY_AT_MOST, Message, message_view, prompt_context, regeneration_target

USER, PLACE = uuid7(), uuid7()


def message(seq: int, **more: Any) -> Message:
    by_user = more.pop("by_user", True)
    fields: dict[str, Any] = {
        "conversation_id": PLACE, "seq": seq, "id": uuid7(), "sender_id": USER if by_user else None,
        "client_id": uuid7() if by_user else None, "kind": "text", "text": f"Text {seq}",
        "reply_status": "replied" if by_user else None, "reply_to": None, "superseded": False, "engine": None,
        "generation": 1, "created_at": datetime.now(UTC),
    }  # fmt: skip
    return Message(**{**fields, **more})


def test_a_client_id_is_shown_to_its_sender_only() -> None:
    sent = message(1)
    assert message_view(sent, USER)["client_id"] == sent.client_id
    assert message_view(sent, uuid7())["client_id"] is None


def test_the_newest_reply_that_counts_is_written_again() -> None:
    asked = message(1)
    old = message(2, by_user=False, reply_to=(asked.id,), superseded=True)
    new = message(3, by_user=False, reply_to=(asked.id,))
    assert regeneration_target([new, old, asked]) == [asked.id]


def test_failed_messages_are_answered_together_back_to_the_first_that_was_answered() -> None:
    answered, reply = message(1), message(2, by_user=False)
    first, second = message(3, reply_status="failed"), message(4, reply_status="failed")
    assert regeneration_target([second, first, reply, answered]) == [first.id, second.id]


def test_a_reply_to_older_messages_does_not_hide_that_the_newest_failed() -> None:
    answered, failed = message(1), message(2, reply_status="failed")
    reply = message(3, by_user=False, reply_to=(answered.id,))
    assert regeneration_target([reply, failed, answered]) == [failed.id]


def test_a_long_outage_is_answered_by_its_newest_messages() -> None:
    failed = [message(seq, reply_status="failed") for seq in range(1, 41)]
    assert regeneration_target(failed[::-1]) == [one.id for one in failed[-RETRY_AT_MOST:]]


@pytest.mark.parametrize(
    ("recent", "code"),
    [
        ([], "nothing-to-regenerate"),
        ([message(2), message(1, reply_status="pending")], "reply-in-progress"),
        ([message(2, reply_status="failed"), message(1, reply_status="pending")], "reply-in-progress"),
        ([message(1, by_user=False)], "nothing-to-regenerate"),
    ],
)
def test_some_regenerations_make_no_sense(recent: list[Message], code: str) -> None:
    with pytest.raises(Conflict) as refused:
        regeneration_target(recent)
    assert refused.value.code == code


def test_a_prompt_keeps_what_is_to_be_answered_rather_than_what_was_before() -> None:
    earlier, answered = [message(1), message(2)], [message(3), message(4)]
    assert prompt_context(earlier, answered, 3) == [earlier[1], *answered]
    assert prompt_context(earlier, answered, 2) == answered
    assert prompt_context(earlier, answered, 1) == answered[1:]
    assert prompt_context(earlier, [], 8) == earlier


def of_flag(flag: str, *, removed: bool = False) -> Media:
    kept = {"key": "k", "poster_key": "p", "preview_key": "b", "renditions": [{"key": "r"}], "nsfw_flag": "safe"}
    return Media(uuid7(), None, {**kept, "locked": False}, 1, flag, removed)


@pytest.mark.parametrize(("flag", "preview"), [("safe", None), ("soft", "b"), ("erotic", "b")])
def test_only_blurred_media_tells_its_preview(flag: str, preview: str | None) -> None:
    assert shown(of_flag(flag)) == {
        "key": "k", "poster_key": "p", "preview_key": preview, "renditions": [{"key": "r"}], "nsfw_flag": flag,
        "locked": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "flag", "removed", "expected"),
    [
        ("image", "safe", False, True),
        ("image", "erotic", False, True),
        ("image", "unknown", False, False),
        ("video", "unknown", False, False),
        ("voice", "unknown", False, True),
        ("image", "blocked", False, False),
        ("image", "safe", True, False),
    ],
)
def test_nothing_is_shown_without_a_verdict_that_lets_it_through(
    kind: str, flag: str, removed: bool, expected: bool
) -> None:
    assert can_be_shown(kind, of_flag(flag, removed=removed)) is expected
