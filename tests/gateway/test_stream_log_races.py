"""The stream log under several workers at once: repeated, reordered and late events, readers all the while."""

import random
import threading
from uuid import UUID

from chassis.contracts.chat import AIReplied, MessagePosted
from chassis.contracts.quota import QuotaChanged
from chassis.envelope import Event, seal
from chassis.ids import uuid7
from chassis.inbox import Dispatcher, Done
from chassis.testing import Keys
from chassis.upstream import Network
from gateway.consumers import handlers
from gateway.queries.stream import Entry
from tests.gateway.edge import Edge

WORKERS = 4
ROUNDS = 12


def events_of(conversation: UUID, user: UUID) -> list[Event]:
    """A talk: each message, its reply and the quota it cost."""
    companion = uuid7()
    told: list[Event] = []
    for seq in range(1, 2 * ROUNDS, 2):
        told += [
            MessagePosted(uuid7(), conversation, seq, user, [user], "text", uuid7(), 1),
            QuotaChanged(user, companion, conversation),
            AIReplied(uuid7(), conversation, seq + 1, [user], "text", [seq], []),
        ]
    return told


class Follower(threading.Thread):
    """A client that goes on after the last entry it got, again and again."""

    def __init__(self, edge: Edge, user: UUID, ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self._edge, self._user, self._ended = edge, user, ended
        self.got: list[Entry] = []
        self.lost = 0

    def run(self) -> None:
        position = 0
        while True:
            last_look = self._ended.is_set()
            following = self._edge.log.after(self._user, position)
            self.lost += following.lost
            self.got += following.entries
            position = following.entries[-1].id if following.entries else position
            if last_look and not following.entries:
                return


def test_four_workers_at_once_log_each_message_once_in_order_and_readers_miss_none(database_url: str) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    keys = Keys()
    edges = [Edge(database_url, Network(), keys=keys) for _ in range(WORKERS)]
    users = [uuid7() for _ in range(3)]
    talks = {uuid7(): user for user in users for _ in range(2)}
    told = [
        seal(event, request_id="test", traceparent="").to_bytes()
        for conversation, user in talks.items()
        for event in events_of(conversation, user)
    ]
    ended = threading.Event()
    followers = [Follower(edges[n], user, ended) for n, user in enumerate(users)]
    failures: list[BaseException] = []

    def work(edge: Edge, mine: list[bytes]) -> None:
        dispatcher = Dispatcher("gateway", edge.database, handlers(edge.log))
        try:
            for raw in mine:
                for _ in range(chance.choice((1, 1, 2))):
                    outcome = dispatcher.dispatch(raw)
                    assert isinstance(outcome, Done), outcome
        except BaseException as error:
            failures.append(error)
            raise

    # Nearly in order, as after a redelivery; some minutes late, as after a retry; many of them at two workers at once.
    late = chance.sample(told, len(told) // 10)
    rough = [event for _at, event in sorted(enumerate(told), key=lambda one: one[0] + chance.uniform(0, 40))]
    shares = [[event for event in rough if event not in late and chance.random() < 0.6] for _ in edges]
    rest = [event for event in told if not any(event in share for share in shares)]
    workers = [threading.Thread(target=work, args=pair) for pair in zip(edges, shares, strict=True)]
    for thread in [*followers, *workers]:
        thread.start()
    for thread in workers:
        thread.join()
    work(edges[0], rest)
    ended.set()
    for follower in followers:
        follower.join(60)
    for edge in edges:
        edge.close()
    assert failures == []
    for user, follower in zip(users, followers, strict=True):
        assert follower.lost == 0
        assert [entry.id for entry in follower.got] == list(range(1, len(follower.got) + 1))
        for conversation in (one for one, owner in talks.items() if owner == user):
            mine = [
                (e.event, e.subject.get("seq"))
                for e in follower.got
                if e.subject["conversation_id"] == str(conversation)
            ]
            created = [seq for name, seq in mine if name == "message.created"]
            assert created == list(range(1, 2 * ROUNDS + 1))
            assert sorted(seq for name, seq in mine if name == "message.updated") == list(range(1, 2 * ROUNDS, 2))
            assert [name for name, _seq in mine].count("quota.changed") == ROUNDS
            for name, seq in mine:
                if name == "message.updated":
                    assert mine.index(("message.created", seq)) < mine.index((name, seq))


def test_what_is_forgotten_while_a_client_is_away_is_told_and_never_skipped(database_url: str) -> None:
    edge = Edge(database_url, Network())
    user, conversation = uuid7(), uuid7()
    for event in events_of(conversation, user):
        edge.deliver(event)
    position = edge.log.after(user, 0).entries[9].id
    stop = threading.Event()
    looks: list[tuple[bool, list[int]]] = []

    def look() -> None:
        following = edge.log.after(user, position)
        looks.append((following.lost, [entry.id for entry in following.entries]))

    def keep_looking() -> None:
        while not stop.is_set():
            look()

    reader = threading.Thread(target=keep_looking)
    look()
    reader.start()
    for upto in (4, 9, 10, 14):
        with edge.database.transaction():
            edge.database.execute(
                "UPDATE stream_log SET created_at = now() - interval '25 hours' WHERE user_id = %s AND id <= %s",
                (user, upto),
            )
        edge.log.prune()
    stop.set()
    reader.join()
    look()
    edge.close()
    assert looks[0][0] is False
    assert looks[-1][0] is True
    for lost, ids in looks:
        assert lost or ids == list(range(position + 1, position + 1 + len(ids)))
