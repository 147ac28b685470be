"""The stream of several processes (CHAT-6): word goes between them, also after a connection was cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg2
import pytest

from chassis.contracts.quota import PremiumChanged
from chassis.ids import uuid7
from chassis.testing import Keys, eventually
from tests.gateway.edge import Edge, serving
from tests.gateway.edge_streams import Neighbours, StreamClient, posted, seqs


class Processes:
    """Two web processes and a worker of the gateway, in one: they share nothing but the database."""

    def __init__(self, database_url: str, keys: Keys, neighbours: Neighbours) -> None:
        self.webs = [Edge(database_url, neighbours.network, bus_url="amqp://elsewhere", keys=keys) for _ in range(2)]
        self.worker = Edge(database_url, neighbours.network, bus_url="amqp://elsewhere", keys=keys)
        for web in self.webs:
            web.live.start()
        eventually(lambda: len(self.listening()), until=lambda count: count == 2)

    def listening(self) -> list[int]:
        """The backends of the LISTEN connections, which have no name; on a quiet one follows a SELECT now and then."""
        with self.worker.database.reading():
            rows = self.worker.database.rows(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND backend_type = 'client backend' AND application_name = ''"
                " AND query IN ('LISTEN duet_stream', 'SELECT 1')"
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
