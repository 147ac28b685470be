"""The stream (CHAT-6): live events, resuming exactly once in order, what ends it, and what must not disturb it."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

import psycopg2
import pytest
from edge import Edge, Neighbours, Received, StreamClient, serving

from chassis.contracts.chat import AIReplied, AIReplyFailed, ConversationChanged, MessagePosted, MessagesUpdated
from chassis.contracts.quota import PremiumChanged, QuotaChanged
from chassis.ids import uuid7
from chassis.testing import Keys, eventually
from gateway.stream import feed as feeds
from gateway.stream import on_signal


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def neighbours(keys: Keys) -> Neighbours:
    return Neighbours(keys)


@pytest.fixture
def edge(database_url: str, keys: Keys, neighbours: Neighbours) -> Iterator[Edge]:
    made = Edge(database_url, neighbours.network, keys=keys)
    yield made
    made.close()


@pytest.fixture
def url(edge: Edge) -> Iterator[str]:
    with serving(edge) as address:
        yield address


def posted(conversation_id: uuid.UUID, seq: int, *recipients: uuid.UUID) -> MessagePosted:
    return MessagePosted(uuid7(), conversation_id, seq, recipients[0], list(recipients), "text", uuid7(), 1)


def seqs(events: list[Received], event: str = "message.created") -> list[int]:
    return [one.data["seq"] for one in events if one.event == event]


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


def test_a_client_that_comes_back_gets_everything_after_its_last_event_once_and_in_order(edge: Edge, url: str) -> None:
    user, conversations = uuid7(), [uuid7() for _ in range(4)]
    with StreamClient(url, user) as client:
        client.until("ready")
        edge.deliver(posted(conversations[0], 1, user))
        first = client.take(2)
    threads = [
        threading.Thread(target=lambda c=c: [edge.deliver(posted(c, seq, user)) for seq in range(1, 61)])
        for c in conversations[1:]
    ]
    for thread in threads:
        thread.start()
    received: list[Received] = []
    last_id = first[-1].id
    # Comes and goes while the others write.
    while len(received) < 3 * 60 * 2:
        with StreamClient(url, user, last_event_id=last_id) as client:
            (ready,) = client.take(1)
            assert ready.id == last_id
            received += client.take(min(37, 3 * 60 * 2 - len(received)))
            last_id = received[-1].id
    for thread in threads:
        thread.join()
    numbers = [int(str(one.id).split("-")[0]) for one in received]
    assert numbers == list(range(3, 3 + 3 * 60 * 2))
    for conversation in conversations[1:]:
        own = [one for one in received if one.data.get("conversation_id") == str(conversation)]
        assert seqs(own) == list(range(1, 61))


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


def test_an_id_that_cannot_be_continued_resets_and_goes_on_live(edge: Edge, url: str) -> None:
    user, other, conversation = uuid7(), uuid7(), uuid7()
    for seq in (1, 2, 3):
        edge.deliver(posted(conversation, seq, user, other))
    head = edge.ids.seal(str(user), 6)
    with edge.database.transaction():
        edge.database.execute("UPDATE stream_log SET created_at = now() - interval '25 hours' WHERE id <= 3")
    assert edge.log.prune() == 6
    unusable = {
        "another user's": edge.ids.seal(str(other), 5),
        "unknown": "nonsense",
        "not yet there": edge.ids.seal(str(user), 999),
        "too old": edge.ids.seal(str(user), 2),
        "without a tag": "5",
    }
    for number, (why, last_event_id) in enumerate(unusable.items()):
        with StreamClient(url, user, last_event_id=last_event_id) as client:
            ready, reset = client.take(2)
            assert (ready.event, reset.event) == ("ready", "reset"), why
            assert reset.id == edge.ids.seal(str(user), 6 + number)
            edge.deliver(PremiumChanged(user, None))
            assert [one.event for one in client.take(1)] == ["premium.changed"], why
    with StreamClient(url, user, last_event_id=edge.ids.seal(str(user), 3)) as client:
        assert seqs(client.take(4)) == [3]
    assert head == edge.ids.seal(str(user), 6)


def test_the_last_id_may_come_in_the_query_for_clients_that_cannot_set_headers(edge: Edge, url: str) -> None:
    user = uuid7()
    edge.deliver(PremiumChanged(user, None))
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)) as connection:
        last = edge.ids.seal(str(user), 0)
        connection.request("GET", f"/v1/stream?last_event_id={last}", headers={"Authorization": f"Bearer {user}/s1"})
        with connection.getresponse() as response:
            lines = [response.readline().decode().strip() for _ in range(9)]
    assert f"id: {last}" in lines
    assert "event: premium.changed" in lines


def test_nobody_is_let_in_without_a_session(url: str) -> None:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)) as connection:
        connection.request("GET", "/v1/stream")
        assert connection.getresponse().status == 401


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


@pytest.mark.parametrize("how", ["announced", "found out at the heartbeat"])
def test_a_stream_ends_with_its_session(edge: Edge, url: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "HEARTBEAT_S", 15.0 if how == "announced" else 0.2)
    user = uuid7()
    with StreamClient(url, user, "ending") as client, StreamClient(url, user, "staying") as other:
        client.until("ready")
        other.until("ready")
        edge.ended.add("ending")
        if how == "announced":
            edge.live.announcer.close_sessions(["ending"])
        began = time.monotonic()
        assert client.next() is None
        assert time.monotonic() - began < 2.0
        edge.deliver(PremiumChanged(user, None))
        assert [one.event for one in other.take(1)] == ["premium.changed"]
        eventually(edge.live.hub.open_streams, until=lambda count: count == 1)


def test_a_session_that_ends_while_its_stream_is_opened_gets_none(edge: Edge, url: str) -> None:
    edge.session_is_open = lambda session: False
    client = StreamClient(url, uuid7())
    assert client.status == 401
    client.close()
    assert edge.live.hub.open_streams() == 0


def test_a_heartbeat_comes_while_nothing_happens(edge: Edge, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "HEARTBEAT_S", 0.1)
    user = uuid7()
    with StreamClient(url, user) as client:
        client.until("ready")
        lines = [client.response.readline() for _ in range(4)]
    assert lines == [b": still here\n", b"\n"] * 2


def test_streams_beyond_the_limit_are_refused_until_one_ends(database_url: str, keys: Keys) -> None:
    neighbours = Neighbours(keys)
    edge = Edge(database_url, neighbours.network, keys=keys, streams=1)
    with serving(edge) as address:
        first = StreamClient(address, uuid7())
        first.until("ready")
        refused = StreamClient(address, uuid7())
        assert refused.status == 503
        assert refused.response.headers["Retry-After"] == "5"
        refused.close()
        edge.live.hub.close_sessions(["s1"])
        assert first.next() is None
        first.close()
        eventually(edge.live.hub.open_streams, until=lambda count: count == 0)
        again = StreamClient(address, uuid7())
        assert again.status == 200
        again.close()
        edge.close()


def test_a_user_who_opens_streams_without_end_loses_the_oldest_and_takes_nobody_elses(
    database_url: str, keys: Keys
) -> None:
    edge = Edge(database_url, Neighbours(keys).network, keys=keys, streams=8)
    greedy, other = uuid7(), uuid7()
    with serving(edge) as address:
        streams = [StreamClient(address, greedy) for _ in range(12)]
        assert [stream.status for stream in streams] == [200] * 12
        for stream in streams[:10]:
            stream.until("ready")
            assert stream.next() is None
        modest = StreamClient(address, other)
        modest.until("ready")
        edge.deliver(PremiumChanged(greedy, None))
        for stream in streams[10:]:
            stream.until("premium.changed")
        eventually(edge.live.hub.open_streams, until=lambda count: count == 3)
        for stream in (*streams, modest):
            stream.close()
        edge.close()


def test_a_head_request_opens_no_stream(edge: Edge) -> None:
    answer = edge.app.test_client().head("/v1/stream", headers={"Authorization": f"Bearer {uuid7()}/s1"})
    assert answer.status_code == 200
    assert edge.live.hub.open_streams() == 0


def test_while_bodies_cannot_be_fetched_the_stream_waits_and_skips_nothing(
    edge: Edge, url: str, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "HEARTBEAT_S", 0.3)
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


def test_users_written_to_in_opposite_order_do_not_block_each_other(edge: Edge) -> None:
    users = sorted(uuid7() for _ in range(6))
    errors: list[BaseException] = []

    def write(order: list[uuid.UUID]) -> None:
        try:
            for _ in range(40):
                edge.deliver(posted(uuid7(), 1, *order))
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=write, args=(order,)) for order in (users, users[::-1], users[3:] + users[:3])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {edge.log.last(user) for user in users} == {3 * 40 * 2}


def test_pruning_forgets_a_beginning_and_never_a_middle(edge: Edge) -> None:
    user = uuid7()
    for _ in range(5):
        edge.deliver(PremiumChanged(user, None))
    with edge.database.transaction():
        edge.database.execute("UPDATE stream_log SET created_at = now() - interval '2 days' WHERE id IN (1, 3)")
    assert edge.log.prune() == 3
    assert edge.log.after(user, 0).lost
    assert [entry.id for entry in edge.log.after(user, 3).entries] == [4, 5]
    assert not edge.log.after(user, 5).lost


def test_the_end_of_the_process_ends_all_streams_at_once(edge: Edge) -> None:
    with serving(edge) as address:
        clients = [StreamClient(address, uuid7()) for _ in range(20)]
        for client in clients:
            client.until("ready")
        began = time.monotonic()
        edge.live.stop()
        for client in clients:
            assert client.next() is None
            client.close()
        assert time.monotonic() - began < 3.0
        late = StreamClient(address, uuid7())
        assert late.status == 503
        late.close()


class Processes:
    """Two web processes and a worker of the gateway, in one: they share nothing but the database."""

    def __init__(self, database_url: str, keys: Keys, neighbours: Neighbours) -> None:
        self.webs = [Edge(database_url, neighbours.network, bus_url="amqp://elsewhere", keys=keys) for _ in range(2)]
        self.worker = Edge(database_url, neighbours.network, bus_url="amqp://elsewhere", keys=keys)
        for web in self.webs:
            web.live.start()
        eventually(lambda: len(self.listening()), until=lambda count: count == 2)

    def listening(self) -> list[int]:
        """The backends of the LISTEN connections."""
        with self.worker.database.reading():
            rows = self.worker.database.rows(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN duet_stream%%'"
            )
        return [pid for (pid,) in rows]

    def close(self) -> None:
        for edge in (*self.webs, self.worker):
            edge.close()


@pytest.fixture
def processes(database_url: str, keys: Keys, neighbours: Neighbours) -> Iterator[Processes]:
    made = Processes(database_url, keys, neighbours)
    yield made
    made.close()


def test_word_goes_between_processes_and_a_session_ends_in_all_of_them(processes: Processes) -> None:
    user, conversation = uuid7(), uuid7()
    first, second = processes.webs
    with (
        serving(first) as here,
        serving(second) as there,
        StreamClient(here, user) as near,
        StreamClient(there, user) as far,
    ):
        near.until("ready")
        far.until("ready")
        processes.worker.deliver(posted(conversation, 1, user))
        assert near.take(2) == far.take(2)
        for index in range(300):
            processes.worker.live.announcer.signal(str(user), "reply.delta", {"index": index, "text": "x" * 60})
        processes.worker.live.announcer.signal(str(user), "reply.delta", {"index": 300, "text": "x" * 9_000})
        # Signals are collected for a moment, so that what is durable may overtake them: first see one of them come.
        begun = [(client, client.until("reply.delta")) for client in (near, far)]
        processes.worker.deliver(PremiumChanged(user, None))
        for client, first_events in begun:
            events = [*first_events, *client.until("premium.changed")]
            indexes = [one.data["index"] for one in events[:-1]]
            assert indexes == sorted(indexes)
            assert 0 < len(indexes) <= 300
        processes.webs[1].ended.add("s1")
        processes.webs[0].live.announcer.close_sessions(["s1"])
        assert near.next() is None
        assert far.next() is None


def test_a_listener_whose_connection_is_cut_comes_back_and_misses_nothing(
    processes: Processes, postgres: object, database_url: str
) -> None:
    user, conversation = uuid7(), uuid7()
    web = processes.webs[0]
    cut = _cutter(web)
    with serving(web) as address, StreamClient(address, user) as client:
        client.until("ready")
        seq = 0
        for _ in range(3):
            before = processes.listening()
            cut(before)
            for _ in range(5):
                seq += 1
                processes.worker.deliver(posted(conversation, seq, user))
            assert seqs(client.take(10)) == list(range(seq - 4, seq + 1))
            eventually(processes.listening, until=lambda pids, old=before: len(pids) == 2 and not set(pids) & set(old))


def _cutter(edge: Edge) -> Callable[[list[int]], None]:
    def cut(pids: list[int]) -> None:
        with closing(psycopg2.connect(edge.database.dsn)) as conn, conn.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", (pids,))

    return cut
