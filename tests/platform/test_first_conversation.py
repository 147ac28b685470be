"""The first conversation, through the gateway only: register, permit, open, send, and the reply over the stream."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from chassis.testing import eventually
from deploy.client import Client, Refused, StreamEvent
from tests.platform.embedded_host import Host


def mara(client: Client) -> dict[str, Any]:
    """The conversation with one of the demo companions, opened."""
    (companion,) = client.call("GET", "/v1/companions", params={"q": "mara"})["items"]
    return client.open(companion["id"])


def messages(client: Client, conversation_id: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.call("GET", f"/v1/conversations/{conversation_id}/messages", params=query)[
        "items"
    ]
    return items


def is_reply(event: StreamEvent) -> bool:
    return event.name == "message.created" and event.data["sender"] == "ai"


def say(client: Client, conversation_id: str, text: str) -> dict[str, Any]:
    """Send with a fresh permit and wait for the reply to be written."""
    sent = client.send(conversation_id, text, client.permit()["permit_id"])
    eventually(lambda: messages(client, conversation_id, after_seq=sent["seq"]), within=60)
    return sent


def test_a_newcomer_sends_a_text_and_sees_the_reply_arrive_over_the_stream(newcomer: Client) -> None:
    conversation = mara(newcomer)
    assert conversation["free_remaining"] == {"text": 10, "media": 2, "audio": 3}
    assert conversation["premium_active"] is False
    assert conversation["engine"] == "offline"
    stream = newcomer.stream()
    stream.until(lambda event: event.name == "ready")
    sent = newcomer.send(conversation["id"], "Hi, I'm Tom. How are you?", newcomer.permit()["permit_id"])
    assert (sent["sender"], sent["seq"], sent["reply_status"]) == ("user", 1, "pending")
    seen = stream.until(is_reply)
    stream.close()
    reply = seen[-1].data
    assert reply["text"]
    assert reply["engine"] == "offline"
    assert reply["reply_to"] == [sent["id"]]
    names = [event.name for event in seen]
    assert names.index("reply.started") < names.index("reply.delta")
    streamed = "".join(event.data["text"] for event in seen if event.name == "reply.delta")
    assert reply["text"].startswith(streamed)
    assert [m["seq"] for m in messages(newcomer, conversation["id"])] == [1, 2]
    reopened = mara(newcomer)
    assert reopened["id"] == conversation["id"]
    assert reopened["free_remaining"]["text"] == 9
    assert reopened["last_message_preview"] == reply["text"][:140] + ("…" if len(reply["text"]) > 140 else "")
    assert reopened["unread_count"] == 1


def test_the_eleventh_free_text_is_refused_and_costs_no_permit_use(newcomer: Client) -> None:
    conversation = mara(newcomer)
    for number in range(10):
        say(newcomer, conversation["id"], f"message {number}")
    permit = newcomer.permit()
    for _ in range(7):
        with pytest.raises(Refused) as refusal:
            newcomer.send(conversation["id"], "one more", permit["permit_id"])
        assert (refusal.value.status, refusal.value.code) == (402, "quota-exhausted")
    assert len([m for m in messages(newcomer, conversation["id"], limit=100) if m["sender"] == "user"]) == 10


def test_the_sixth_use_of_a_permit_is_refused(newcomer: Client) -> None:
    conversation = mara(newcomer)
    permit = newcomer.permit()
    assert permit["uses_left"] == 5
    for number in range(5):
        newcomer.send(conversation["id"], f"message {number}", permit["permit_id"])
    with pytest.raises(Refused) as refusal:
        newcomer.send(conversation["id"], "the sixth", permit["permit_id"])
    assert (refusal.value.status, refusal.value.code) == (403, "permit-invalid")


def test_fifty_parallel_sends_on_one_permit_admit_exactly_five(newcomer: Client) -> None:
    conversation = mara(newcomer)
    permit = newcomer.permit()["permit_id"]

    def attempt(number: int) -> int:
        body = {"client_id": str(uuid.uuid4()), "permit_id": permit, "kind": "text", "text": f"message {number}"}
        return newcomer_raw(newcomer, f"/v1/conversations/{conversation['id']}/messages", body).status_code

    with ThreadPoolExecutor(50) as pool:
        outcomes = Counter(pool.map(attempt, range(50)))
    assert outcomes == {201: 5, 403: 45}
    assert mara(newcomer)["free_remaining"]["text"] == 5


def newcomer_raw(client: Client, path: str, body: dict[str, Any]) -> requests.Response:
    """A request of its own connection, as from another device of the same user."""
    return requests.post(
        client.base + path, json=body, headers={"Authorization": f"Bearer {client.access_token}"}, timeout=60
    )


def test_the_same_client_id_twenty_times_in_parallel_gives_one_message_and_spends_once(newcomer: Client) -> None:
    conversation = mara(newcomer)
    permit = newcomer.permit()["permit_id"]
    body = {"client_id": str(uuid.uuid4()), "permit_id": permit, "kind": "text", "text": "only once"}
    path = f"/v1/conversations/{conversation['id']}/messages"
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _n: newcomer_raw(newcomer, path, body), range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert mara(newcomer)["free_remaining"]["text"] == 9
    assert [m["text"] for m in messages(newcomer, conversation["id"]) if m["sender"] == "user"] == ["only once"]
    other = newcomer_raw(newcomer, path, {**body, "text": "something else"})
    assert (other.status_code, other.json()["code"]) == (409, "client-id-reused")


def test_a_client_that_lost_its_stream_gets_everything_once_in_order(newcomer: Client) -> None:
    conversation = mara(newcomer)
    stream = newcomer.stream()
    (ready,) = stream.until(lambda event: event.name == "ready")
    stream.close()
    for number in range(4):
        say(newcomer, conversation["id"], f"while you were away {number}")
    resumed = newcomer.stream(last_event_id=ready.id)
    last = messages(newcomer, conversation["id"], limit=100)[-1]["seq"]
    seen = resumed.until(lambda event: event.name == "message.created" and event.data["seq"] == last)
    resumed.close()
    assert [e.data["seq"] for e in seen if e.name == "message.created"] == list(range(1, last + 1))
    ids = [event.id for event in seen if event.id is not None]
    assert len(ids) == len(set(ids))


def test_read_markers_clear_the_unread_count_and_never_go_back(newcomer: Client) -> None:
    conversation = mara(newcomer)
    say(newcomer, conversation["id"], "hello")
    assert mara(newcomer)["unread_count"] == 1
    newcomer.call("POST", f"/v1/conversations/{conversation['id']}/read", {"seq": 2})
    newcomer.call("POST", f"/v1/conversations/{conversation['id']}/read", {"seq": 1})
    assert (mara(newcomer)["unread_count"], mara(newcomer)["read_seq"]) == (0, 2)


def test_regenerate_writes_another_reply_and_supersedes_the_old_one(newcomer: Client) -> None:
    conversation = mara(newcomer)
    sent = say(newcomer, conversation["id"], "tell me about your day")
    body = {"client_id": str(uuid.uuid4()), "permit_id": newcomer.permit()["permit_id"]}
    reply_id = newcomer.call("POST", f"/v1/conversations/{conversation['id']}/regenerate", body)["reply_id"]
    again = newcomer.call("POST", f"/v1/conversations/{conversation['id']}/regenerate", body)["reply_id"]
    assert again == reply_id
    third = eventually(lambda: messages(newcomer, conversation["id"], after_seq=2), within=60)[0]
    assert (third["id"], third["reply_to"], third["superseded"]) == (reply_id, [sent["id"]], False)
    assert messages(newcomer, conversation["id"])[1]["superseded"] is True
    assert mara(newcomer)["free_remaining"]["text"] == 8


def test_somebody_elses_conversation_cannot_be_told_from_a_missing_one(platform: Host, newcomer: Client) -> None:
    conversation = mara(newcomer)
    stranger = platform.newcomer()
    for path in ("", "/messages"):
        theirs = stranger.raw("GET", f"/v1/conversations/{conversation['id']}{path}")
        missing = stranger.raw(
            "GET", f"/v1/conversations/{conversation['id'][:-1]}{'0' if conversation['id'][-1] != '0' else '1'}{path}"
        )
        assert theirs.status_code == missing.status_code == 404
        assert {**theirs.json(), "request_id": ""} == {**missing.json(), "request_id": ""}
