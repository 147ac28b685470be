"""The gateway alone: accounts, routing and the stream, with all services as strict stand-ins."""

import http.client
import json
import socket
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from chassis.contracts.chat import MessagePosted
from chassis.ids import uuid7
from chassis.testing import eventually
from deploy.client import Client, Refused

STANDING = {"premium_active": False, "premium_until": None, "quotas": {}}


def neighbours_answer(container: Any) -> None:
    container.neighbours["quota-svc"].expect(
        "POST", "/internal/standing", {"user_id", "companion_ids"}, lambda _body: (200, STANDING)
    )
    container.neighbours["ai-svc"].expect(
        "GET", "/v1/companions", None, lambda _body: (200, {"items": [], "next_cursor": None})
    )
    container.neighbours["chat-svc"].expect(
        "POST",
        "/internal/conversations:batch",
        {"viewer", "ids"},
        lambda body: (200, {"items": [None] * len(body["ids"])}),
    )


@pytest.fixture(scope="module")
def gateway(contain: Callable[..., Any]) -> Any:
    return contain("gateway", expect=neighbours_answer)


def newcomer(gateway: Any) -> Client:
    client = Client(gateway.url, proves_work=False)
    client.http.headers["Connection"] = "close"  # idle ones are closed after a second, perhaps under a request
    return client.register(f"{uuid.uuid4().hex}@example.org", "correct horse battery staple")


def posted(user_id: str, conversation: uuid.UUID, seq: int) -> MessagePosted:
    return MessagePosted(
        message_id=uuid7(), conversation_id=conversation, seq=seq, sender_id=uuid.UUID(user_id),
        recipients=[uuid.UUID(user_id)], kind="text", admission_id=uuid7(), generation=1,
    )  # fmt: skip


def messages_are_told(gateway: Any) -> None:
    def batch(body: Any) -> tuple[int, Any]:
        items = [
            {"conversation_id": ref["conversation_id"], "seq": ref["seq"], "sender": "user"} for ref in body["refs"]
        ]
        return 200, {"items": items}

    gateway.neighbours["chat-svc"].expect("POST", "/internal/messages:batch", {"viewer", "refs"}, batch)


def test_people_register_and_their_calls_reach_the_owner_under_a_signed_identity(gateway: Any) -> None:
    client = newcomer(gateway)
    assert client.call("GET", "/v1/me")["premium_active"] is False
    assert client.call("GET", "/v1/companions") == {"items": [], "next_cursor": None}
    (call,) = [c for c in gateway.neighbours["ai-svc"].calls if c.path == "/v1/companions"]
    assert call.caller == "gateway"
    client.call("POST", "/v1/auth/logout")
    with pytest.raises(Refused) as refusal:
        client.call("GET", "/v1/me")
    assert refusal.value.status == 401


def test_events_reach_the_open_stream_in_order_and_once(gateway: Any) -> None:
    messages_are_told(gateway)
    client, conversation = newcomer(gateway), uuid7()
    stream = client.stream()
    (ready,) = stream.until(lambda event: event.name == "ready")
    # Out of order and doubled, as a bus may bring them: the stream tells each once, by seq.
    for seq in (2, 1, 3):
        gateway.publish(posted(client.user["id"], conversation, seq), times=2)
    seen = stream.until(lambda event: event.name == "message.created" and event.data["seq"] == 3)
    stream.close()
    assert [event.data["seq"] for event in seen if event.name == "message.created"] == [1, 2, 3]
    again = client.stream(last_event_id=ready.id)
    replayed = again.until(lambda event: event.name == "message.created" and event.data["seq"] == 3)
    again.close()
    assert [event.data["seq"] for event in replayed if event.name == "message.created"] == [1, 2, 3]


def test_a_stream_survives_the_loss_of_the_database_and_misses_nothing(gateway: Any) -> None:
    messages_are_told(gateway)
    client, conversation = newcomer(gateway), uuid7()
    stream = client.stream()
    stream.until(lambda event: event.name == "ready")
    gateway.database.refuse()
    eventually(lambda: not gateway.processes.ready(gateway.web), within=60)
    gateway.database.accept()
    eventually(lambda: gateway.processes.ready(gateway.worker), within=60)
    gateway.publish(posted(client.user["id"], conversation, 1))
    seen = stream.until(lambda event: event.name == "message.created")
    stream.close()
    assert seen[-1].data["seq"] == 1


def test_a_service_that_is_away_is_503_and_nothing_internal_is_told(gateway: Any) -> None:
    client = newcomer(gateway)
    client.call("GET", "/v1/companions")  # leaves the gateway with a kept connection that is about to go stale
    gateway.neighbours["ai-svc"].close()
    with pytest.raises(Refused) as refusal:
        client.call("GET", "/v1/companions")
    assert (refusal.value.status, refusal.value.code) == (503, "unavailable")
    assert "127.0.0.1" not in str(refusal.value.problem)


@pytest.mark.parametrize("path", ["/v1/auth/login", "/v1/conversations"])
def test_a_body_in_broken_chunks_is_refused_by_us_and_by_nobody_behind(gateway: Any, path: str) -> None:
    token = newcomer(gateway).access_token
    with socket.create_connection(("127.0.0.1", urlsplit(gateway.url).port), timeout=60) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert (answer.status, json.loads(answer.read())["code"]) == (400, "malformed")


def test_a_stop_ends_open_streams_cleanly(gateway: Any) -> None:
    client = newcomer(gateway)
    streams = [client.stream() for _ in range(5)]
    for stream in streams:
        stream.until(lambda event: event.name == "ready")
    assert gateway.processes.terminate(gateway.web) == 0
    for stream in streams:
        with pytest.raises(EOFError):
            stream.until(lambda event: event.name == "never")
        stream.close()
