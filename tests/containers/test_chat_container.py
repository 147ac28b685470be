"""chat-svc alone: events in and out over RabbitMQ, with its neighbours as strict stand-ins."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.chat import AIReplied, AIReplyRequested, MediaSent, MessagePosted, MessagesUpdated
from chassis.contracts.media import MediaStandingChanged
from chassis.ids import uuid7
from chassis.testing import eventually, problem
from tests.chat_svc.media_stand_in import RULES, description
from tests.stubs.standin import problem_body

ADMISSION = {
    "admission_id", "user_id", "companion_id", "conversation_id", "permit_id", "scope", "spend", "sender_id",
    "client_id",
}  # fmt: skip
CLAIM = {"send_id", "user_id", "conversation_id", "kind"}
FREE = {"text": 10, "media": 2, "audio": 3}


def claimed(_body: Any, upload_id: str) -> tuple[int, Any]:
    media = {"media": description(upload_id), "nsfw_flag": "safe", "version": 3, "price_tokens": None}
    return 200, {"upload_id": upload_id, **media}


def neighbours_answer(container: Any) -> None:
    def companion(_body: Any, companion_id: str) -> tuple[int, Any]:
        return 200, {"id": companion_id, "name": "Mara", "avatar_key": None, "is_active": True, "engine": "offline"}

    def standing(body: Any) -> tuple[int, Any]:
        quotas = dict.fromkeys(body["companion_ids"], FREE)
        return 200, {"premium_active": False, "premium_until": None, "quotas": quotas}

    quota = container.neighbours["quota-svc"]
    container.neighbours["ai-svc"].expect("GET", r"/internal/companions/(?P<companion_id>[0-9a-f-]+)", None, companion)
    quota.expect(
        "POST", "/internal/quotas/open", {"user_id", "companion_id", "conversation_id"},
        lambda _body: (200, {"free_remaining": FREE, "premium_active": False}),
    )  # fmt: skip
    quota.expect("POST", "/internal/standing", {"user_id", "companion_ids"}, standing)
    quota.expect("POST", "/internal/admissions", ADMISSION, lambda _body: (200, {"generation": 1}))
    media = container.neighbours["media-svc"]
    media.expect("GET", "/internal/media/rules", None, lambda _body: (200, RULES))
    media.expect("POST", r"/internal/uploads/(?P<upload_id>[0-9a-f-]+)/claim", CLAIM, claimed)


@pytest.fixture(scope="module")
def chat(contain: Callable[..., Any]) -> Any:
    return contain("chat-svc", expect=neighbours_answer)


class User:
    """One user of chat-svc, as the gateway presents them."""

    def __init__(self, chat: Any) -> None:
        self.id = str(uuid7())
        self._chat = chat

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        return self._chat.call(method, path, body, subject=self.id, role="user")

    def open(self, companion_id: str) -> dict[str, Any]:
        conversation: dict[str, Any] = self("POST", "/v1/conversations", {"companion_id": companion_id}).json()
        return conversation

    def send(self, conversation_id: str, text: str, client_id: str | None = None) -> Any:
        body = {"client_id": client_id or str(uuid.uuid4()), "permit_id": str(uuid7()), "kind": "text", "text": text}
        return self("POST", f"/v1/conversations/{conversation_id}/messages", body)

    def send_media(self, conversation_id: str, upload_id: str, client_id: str) -> Any:
        body = {"client_id": client_id, "permit_id": str(uuid7()), "kind": "image", "upload_id": upload_id}
        return self("POST", f"/v1/conversations/{conversation_id}/messages", body)


def test_a_sent_message_goes_out_as_two_events_and_comes_back_answered(chat: Any) -> None:
    user = User(chat)
    conversation = user.open(str(uuid7()))
    sent = user.send(conversation["id"], "hello").json()
    (posted,) = eventually(lambda: chat.events(MessagePosted, conversation_id=conversation["id"]), within=60)
    assert (posted["message_id"], posted["seq"], posted["recipients"]) == (sent["id"], 1, [user.id])
    (wanted,) = eventually(lambda: chat.events(AIReplyRequested, conversation_id=conversation["id"]), within=60)
    assert wanted["message_ids"] == [sent["id"]]
    asked = chat.neighbours["quota-svc"].bodies("POST", "/internal/admissions")
    (admission,) = [body for body in asked if body["conversation_id"] == conversation["id"]]
    assert wanted["admission_id"] == posted["admission_id"] == admission["admission_id"]
    reply = {"message_ids": [sent["id"]], "kind": "text", "text": "Hi!", "engine": "offline"}
    path = f"/internal/conversations/{conversation['id']}/replies/{wanted['reply_id']}"
    assert [chat.as_service("ai-svc", "PUT", path, reply).status_code for _ in range(3)] == [201, 200, 200]
    (replied,) = eventually(lambda: chat.events(AIReplied, conversation_id=conversation["id"]), within=60)
    assert (replied["message_id"], replied["seq"], replied["answered_seqs"]) == (wanted["reply_id"], 2, [1])
    listed = user("GET", f"/v1/conversations/{conversation['id']}/messages").json()["items"]
    assert [(m["seq"], m["sender"], m["reply_status"]) for m in listed] == [(1, "user", "replied"), (2, "ai", None)]


def test_a_changed_companion_shows_in_the_thread_and_an_older_version_does_not(chat: Any) -> None:
    user, companion = User(chat), uuid7()
    user.open(str(companion))

    def changed(version: int, name: str, active: bool) -> CompanionChanged:
        return CompanionChanged(companion, version, name, None, active, "model")

    chat.publish(changed(7, "Mara Silva", False), times=3)
    chat.publish(changed(6, "Old name", True))

    def peer() -> Any:
        (conversation,) = user("GET", "/v1/conversations").json()["items"]
        return conversation["peer"]["name"], conversation["engine"]

    eventually(peer, until=lambda seen: seen == ("Mara Silva", "model"), within=60)
    eventually(lambda: chat.depth("chat-svc"), until=lambda depth: depth == 0, within=60)
    assert peer() == ("Mara Silva", "model")
    (conversation,) = user("GET", "/v1/conversations").json()["items"]
    refused = user.send(conversation["id"], "still there?")
    assert (refused.status_code, problem(refused)["code"]) == (409, "companion-unavailable")


def test_an_unreachable_neighbour_is_503_and_the_same_client_id_succeeds_later(chat: Any) -> None:
    user = User(chat)
    conversation = user.open(str(uuid7()))
    quota, client_id = chat.neighbours["quota-svc"], str(uuid.uuid4())
    quota.expect("POST", "/internal/admissions", ADMISSION, lambda _body: problem_body(503, "unavailable"))
    refused = user.send(conversation["id"], "hello", client_id)
    assert (refused.status_code, problem(refused)["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    quota.expect("POST", "/internal/admissions", ADMISSION, lambda _body: (200, {"generation": 1}))
    assert user.send(conversation["id"], "hello", client_id).status_code == 201
    asked = quota.bodies("POST", "/internal/admissions")
    ids = {body["admission_id"] for body in asked if body["client_id"] == client_id}
    assert len(ids) == 1, "every try of one send asks for the same admission"


def test_a_send_is_accepted_while_the_broker_is_away_and_its_events_follow(chat: Any) -> None:
    user = User(chat)
    conversation = user.open(str(uuid7()))
    chat.broker.refuse()
    sent = [user.send(conversation["id"], f"message {number}").json()["id"] for number in range(3)]
    assert chat.events(MessagePosted, conversation_id=conversation["id"]) == []
    chat.broker.accept()
    told = eventually(
        lambda: chat.events(MessagePosted, conversation_id=conversation["id"]),
        until=lambda found: len(found) >= 3,
        within=60,
    )
    assert [event["message_id"] for event in told] == sent


def test_a_send_is_refused_and_not_half_written_while_the_database_is_away(chat: Any) -> None:
    user = User(chat)
    conversation = user.open(str(uuid7()))
    client_id = str(uuid.uuid4())
    chat.database.refuse()
    refused = user.send(conversation["id"], "hello", client_id)
    assert (refused.status_code, problem(refused)["code"]) == (503, "unavailable")
    chat.database.accept()
    written = eventually(
        lambda: user.send(conversation["id"], "hello", client_id),
        until=lambda a: a.status_code in (200, 201),
        within=60,
    )
    assert written.json()["seq"] == 1


def test_a_send_of_media_whose_process_is_killed_is_finished_by_the_worker(chat: Any) -> None:
    user = User(chat)
    conversation, upload, client_id = user.open(str(uuid7())), str(uuid7()), str(uuid.uuid4())
    asked, answer = threading.Event(), threading.Event()

    def admit(_body: Any) -> tuple[int, Any]:
        asked.set()
        answer.wait(60)
        return 200, {"generation": 1}

    chat.neighbours["quota-svc"].expect("POST", "/internal/admissions", ADMISSION, admit)
    with ThreadPoolExecutor(1) as threads:
        sending = threads.submit(user.send_media, conversation["id"], upload, client_id)
        assert asked.wait(60)
        chat.processes.kill(chat.web)
        with pytest.raises(requests.RequestException):
            sending.result(60)
    answer.set()
    chat.processes.start(chat.web)
    (sent,) = eventually(lambda: chat.events(MediaSent, conversation_id=conversation["id"]), within=90)
    claims = chat.neighbours["media-svc"].bodies("POST", f"/internal/uploads/{upload}/claim")
    assert {claim["send_id"] for claim in claims} == {sent["send_id"]}
    again = user.send_media(conversation["id"], upload, client_id)
    assert (again.status_code, again.json()["id"], again.json()["seq"]) == (200, sent["message_id"], 1)
    assert len(chat.events(MediaSent, conversation_id=conversation["id"])) == 1


def test_media_that_is_taken_down_is_gone_from_its_message_and_the_participant_is_told_once(chat: Any) -> None:
    user = User(chat)
    conversation, upload = user.open(str(uuid7())), uuid7()
    sent = user.send_media(conversation["id"], str(upload), str(uuid.uuid4())).json()
    assert sent["media"]["key"].endswith("/full.jpg")
    chat.publish(MediaStandingChanged(upload, "safe", True, 4), times=3)
    (told,) = eventually(lambda: chat.events(MessagesUpdated, conversation_id=conversation["id"]), within=60)
    assert (told["recipients"], told["seqs"]) == ([user.id], [1])
    (shown,) = user("GET", f"/v1/conversations/{conversation['id']}/messages").json()["items"]
    assert (shown["media"], shown["media_removed"]) == (None, True)
    eventually(lambda: chat.depth("chat-svc"), until=lambda depth: depth == 0, within=60)
    assert len(chat.events(MessagesUpdated, conversation_id=conversation["id"])) == 1
