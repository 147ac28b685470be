"""Steps that tests of media sends share: dying at a point of the saga, letting time pass, recovering, looking."""

from collections.abc import Callable
from typing import Any

import pytest

from chassis.contracts.chat import AIReplyRequested, MediaSent, MessagePosted
from chassis.testing import Caller
from tests.chat_svc.chat_stand_ins import Chat

POINTS = ["before the claim", "after the claim", "before the admission", "after the admission"]


class Killed(BaseException):
    """What happens to a process that dies here: no handler of ours sees it."""


def path_of(place: str) -> str:
    return f"/v1/conversations/{place}/messages"


def nothing(*_any: Any) -> None:
    """The end of a fault."""


def die(*_any: Any) -> None:
    raise Killed()


def at(chat: Chat, point: str, act: Callable[..., object]) -> None:
    """Let `act` happen at that point of the saga from now on."""
    owner, hook = {
        "before the claim": (chat.media, "before_claiming"),
        "after the claim": (chat.media, "after_claiming"),
        "before the admission": (chat.quota, "before_admitting"),
        "after the admission": (chat.quota, "after_admitting"),
    }[point]
    setattr(owner, hook, act)


def killed(chat: Chat, user: Caller, place: str, point: str, draft: dict[str, Any]) -> None:
    """Send, and die at that point."""
    at(chat, point, die)
    with pytest.raises(Killed):
        user("POST", path_of(place), draft)
    at(chat, point, nothing)


def make_due(chat: Chat, age: str = "20 s") -> None:
    """Let time pass for all that waits."""
    with chat.service.database.transaction():
        chat.service.database.execute(
            "UPDATE sends SET due_at = due_at - %s::interval, started_at = started_at - %s::interval", (age, age)
        )
        chat.service.database.execute("UPDATE upload_releases SET due_at = due_at - %s::interval", (age,))


def recover(chat: Chat, age: str = "20 s") -> None:
    make_due(chat, age)
    chat.run_loop("sends")
    chat.run_loop("releases")


def assert_whole(chat: Chat, upload: str) -> None:
    """Exactly one message with its events, and the upload is its own."""
    assert chat.count("messages") == 1
    events = [len(chat.emitted(kind)) for kind in (MessagePosted, MediaSent, AIReplyRequested)]
    assert events == [1, 1, 1]
    assert chat.emitted(MediaSent)[0]["send_id"] == chat.media.used_by(upload)
    assert chat.row("SELECT state FROM sends") == ("messaged",)
    assert len(chat.quota.admissions) == 1
