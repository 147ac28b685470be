"""The stream (CHAT-6): what it tells live, to whom, and what must not disturb it."""

from __future__ import annotations

from chassis.contracts.chat import AIReplied, AIReplyFailed, ConversationChanged, MessagesUpdated
from chassis.contracts.media import MediaProcessed, MediaUploaded
from chassis.contracts.quota import PremiumChanged, QuotaChanged
from chassis.ids import uuid7
from gateway.stream import on_signal
from tests.gateway.edge import Edge
from tests.gateway.edge_streams import Neighbours, Received, StreamClient, posted, seqs


def test_a_fresh_stream_begins_with_ready_and_then_gets_what_happens(edge: Edge, url: str) -> None:
    user, conversation = uuid7(), uuid7()
    edge.deliver(posted(conversation, 1, user))
    with StreamClient(url, user) as client:
        assert client.response.headers["Content-Type"] == "text/event-stream"
        assert client.response.headers["Cache-Control"] == "no-store"
        assert client.response.headers["X-Accel-Buffering"] == "no"
        (ready,) = client.take(1)
        assert (ready.event, ready.id) == ("ready", edge.ids.seal(str(user), 2))
        edge.deliver(posted(conversation, 2, user))
        created, changed = client.take(2)
    assert created == Received(
        "message.created",
        edge.ids.seal(str(user), 3),
        {"conversation_id": str(conversation), "seq": 2, "text": "text 2", "for": str(user)},
    )
    assert changed.event == "conversation.updated"
    assert changed.data["free_remaining"] == {"text": 9, "media": 2, "audio": 3}
    assert changed.data["premium_active"] is True


def test_every_kind_of_event_arrives_with_the_fields_of_the_contract(edge: Edge, url: str) -> None:
    user, conversation, companion, reply = uuid7(), uuid7(), uuid7(), uuid7()
    message = uuid7()
    with StreamClient(url, user) as client:
        client.until("ready")
        edge.deliver(posted(conversation, 1, user))
        edge.deliver(AIReplied(reply, conversation, 2, [user], "text", [1], []))
        edge.deliver(AIReplyFailed(reply, conversation, [user], [message], [1]))
        edge.deliver(MessagesUpdated(conversation, [user], [1, 2]))
        edge.deliver(ConversationChanged(conversation, [user]))
        edge.deliver(QuotaChanged(user, companion, conversation))
        edge.deliver(PremiumChanged(user, None))
        events = client.until("premium.changed")
    assert [(one.event, one.data.get("seq")) for one in events] == [
        ("message.created", 1), ("conversation.updated", None),
        ("message.created", 2), ("message.updated", 1), ("conversation.updated", None),
        ("reply.failed", None), ("message.updated", 1),
        ("message.updated", 1), ("message.updated", 2),
        ("conversation.updated", None), ("quota.changed", None), ("premium.changed", None),
    ]  # fmt: skip
    by_name = {one.event: one.data for one in events}
    assert by_name["reply.failed"].pop("text")
    assert by_name["reply.failed"] == {
        "conversation_id": str(conversation), "reply_id": str(reply), "message_ids": [str(message)],
    }  # fmt: skip
    assert by_name["quota.changed"] == {
        "conversation_id": str(conversation),
        "free_remaining": {"text": 9, "media": 2, "audio": 3},
        "premium_active": True,
    }
    assert by_name["premium.changed"] == {"premium_until": "2027-01-01T00:00:00.000Z", "premium_active": True}


def test_reordered_and_repeated_events_give_each_message_once_by_seq(edge: Edge, url: str) -> None:
    user, conversation = uuid7(), uuid7()
    with StreamClient(url, user) as client:
        client.until("ready")
        edge.deliver(AIReplied(uuid7(), conversation, 2, [user], "text", [1], []))
        edge.deliver(posted(conversation, 5, user), times=3)
        for seq in (4, 1, 3):
            edge.deliver(posted(conversation, seq, user))
        edge.deliver(PremiumChanged(user, None))
        events = client.until("premium.changed")
    assert seqs(events) == [1, 2, 3, 4, 5]
    assert seqs(events, "message.updated") == [1]
    assert len([one for one in events if one.event == "conversation.updated"]) == 5


def test_an_update_never_comes_before_the_message_it_is_about(edge: Edge, url: str) -> None:
    user, conversation = uuid7(), uuid7()
    with StreamClient(url, user) as client:
        client.until("ready")
        edge.deliver(MessagesUpdated(conversation, [user], [2]))
        edge.deliver(posted(conversation, 2, user))
        assert [one.event for one in client.take(4)] == [
            "message.created", "message.created", "message.updated", "conversation.updated",
        ]  # fmt: skip


def test_a_message_its_viewer_may_not_see_is_passed_over(edge: Edge, url: str, neighbours: Neighbours) -> None:
    user, conversation = uuid7(), uuid7()
    neighbours.hidden.add((str(conversation), 1))
    with StreamClient(url, user) as client:
        client.until("ready")
        for seq in (1, 2):
            edge.deliver(posted(conversation, seq, user))
        assert seqs(client.take(3)) == [2]


def test_two_clients_of_a_user_get_the_same_and_another_user_nothing(edge: Edge, url: str) -> None:
    user, other, conversation = uuid7(), uuid7(), uuid7()
    with (
        StreamClient(url, user) as phone,
        StreamClient(url, user, "s2") as laptop,
        StreamClient(url, other, "s3") as stranger,
    ):
        for client in (phone, laptop, stranger):
            client.until("ready")
        edge.deliver(posted(conversation, 1, user))
        assert phone.take(2) == laptop.take(2)
        edge.deliver(PremiumChanged(other, None))
        assert [one.event for one in stranger.take(1)] == ["premium.changed"]


def test_signals_arrive_without_an_id_and_only_at_their_user(edge: Edge, url: str) -> None:
    user, other = uuid7(), uuid7()
    receive = on_signal(edge.live.announcer)
    with StreamClient(url, user) as client, StreamClient(url, other) as stranger:
        client.until("ready")
        stranger.until("ready")
        for index, text in enumerate(("Hel", "lo\n\ndata: x", "\ud83d")):
            receive({"user_id": str(user), "event": "reply.delta", "data": {"index": index, "text": text}})
        receive({"user_id": str(user), "event": "message.created", "data": {}})
        receive({"nonsense": 1})
        edge.deliver(PremiumChanged(user, None))
        edge.deliver(PremiumChanged(other, None))
        events = client.take(4)
        assert [one.event for one in stranger.take(1)] == ["premium.changed"]
    assert [(one.event, one.id, one.data) for one in events[:3]] == [
        ("reply.delta", None, {"index": 0, "text": "Hel"}),
        ("reply.delta", None, {"index": 1, "text": "lo\n\ndata: x"}),
        ("reply.delta", None, {"index": 2, "text": "\ud83d"}),
    ]
    assert events[3].event == "premium.changed"


def test_a_client_that_does_not_read_loses_signals_and_holds_up_nobody(edge: Edge) -> None:
    user = str(uuid7())
    slow, quick = edge.live.hub.connect(user, "s1"), edge.live.hub.connect(user, "s2")
    seen = 0
    for index in range(1_000):
        edge.live.announcer.signal(user, "reply.delta", {"index": index})
        seen += len(quick.wait(0).signals)
    assert seen == 1_000
    assert [data["index"] for _event, data in slow.wait(0).signals] == list(range(256))


def test_while_bodies_cannot_be_fetched_the_stream_waits_and_skips_nothing(
    edge: Edge, url: str, neighbours: Neighbours
) -> None:
    edge.feed.heartbeat_s = 0.3
    user, conversation = uuid7(), uuid7()
    with StreamClient(url, user) as client:
        client.until("ready")
        neighbours.away = True
        for seq in (1, 2, 3):
            edge.deliver(posted(conversation, seq, user))
        beats = [client.response.readline() for _ in range(4)]
        assert beats == [b": still here\n", b"\n"] * 2
        neighbours.away = False
        assert seqs(client.take(6)) == [1, 2, 3]


def test_what_becomes_of_an_upload_is_told_as_it_is_now(edge: Edge, url: str, neighbours: Neighbours) -> None:
    user, upload, removed = uuid7(), uuid7(), uuid7()
    neighbours.gone.add(str(removed))
    with StreamClient(url, user) as client:
        client.until("ready")
        for one in (removed, upload):
            edge.deliver(MediaUploaded(one, user, [user], "chat", "image", 2))
            edge.deliver(MediaProcessed(one, user, [user], "chat", "image", "completed", 3), times=2)
        edge.deliver(PremiumChanged(user, None))
        events = client.until("premium.changed")
    told = [(one.event, one.data) for one in events[:-1]]
    assert told == [("upload.updated", {"upload_id": str(upload), "status": "completed", "for": str(user)})] * 2
    assert all(one.id for one in events)


def test_bodies_are_fetched_in_one_batch_per_owner(edge: Edge, url: str, neighbours: Neighbours) -> None:
    user = uuid7()
    edge.deliver(PremiumChanged(user, None))
    for _ in range(10):
        edge.deliver(posted(uuid7(), 1, user))
    neighbours.asked.clear()
    with StreamClient(url, user, last_event_id=edge.ids.seal(str(user), 0)) as client:
        client.take(22)
    assert [kind for kind, _body in neighbours.asked] == ["messages", "conversations", "standing"]


def test_nothing_is_fetched_for_users_who_are_not_connected(edge: Edge, neighbours: Neighbours) -> None:
    edge.deliver(posted(uuid7(), 1, uuid7()))
    assert neighbours.asked == []
