"""Resuming the stream (CHAT-6): exactly once and in order, from a log that forgets only its beginning."""

from __future__ import annotations

import http.client
import threading
import uuid
from contextlib import closing
from urllib.parse import urlsplit

from chassis.contracts.quota import PremiumChanged
from chassis.ids import uuid7
from tests.gateway.edge import Edge
from tests.gateway.edge_streams import Received, StreamClient, posted, seqs


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
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)) as connection:
        last = edge.ids.seal(str(user), 0)
        connection.request("GET", f"/v1/stream?last_event_id={last}", headers={"Authorization": f"Bearer {user}/s1"})
        with connection.getresponse() as response:
            lines = [response.readline().decode().strip() for _ in range(9)]
    assert f"id: {last}" in lines
    assert "event: premium.changed" in lines


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
