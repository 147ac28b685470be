"""Who gets a stream (CHAT-6), how many, what keeps it open and what ends it."""

from __future__ import annotations

import http.client
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from chassis.contracts.quota import PremiumChanged
from chassis.ids import uuid7
from chassis.testing import Keys, eventually
from tests.gateway.edge import Edge, serving
from tests.gateway.edge_streams import Neighbours, StreamClient


def test_nobody_is_let_in_without_a_session(url: str) -> None:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)) as connection:
        connection.request("GET", "/v1/stream")
        assert connection.getresponse().status == 401


@pytest.mark.parametrize("how", ["announced", "found out at the heartbeat"])
def test_a_stream_ends_with_its_session(edge: Edge, url: str, how: str) -> None:
    # Announced, it must not take until the next heartbeat: the client would not wait for that one.
    edge.feed.heartbeat_s = 600.0 if how == "announced" else 0.2
    user = uuid7()
    with StreamClient(url, user, "ending") as client, StreamClient(url, user, "staying") as other:
        client.until("ready")
        other.until("ready")
        edge.ended.add("ending")
        if how == "announced":
            edge.live.announcer.close_sessions(["ending"])
        assert client.next() is None
        edge.deliver(PremiumChanged(user, None))
        assert [one.event for one in other.take(1)] == ["premium.changed"]
        eventually(edge.live.hub.open_streams, until=lambda count: count == 1)


def test_a_session_that_ends_while_its_stream_is_opened_gets_none(edge: Edge, url: str) -> None:
    edge.session_is_open = lambda session: False
    client = StreamClient(url, uuid7())
    assert client.status == 401
    client.close()
    assert edge.live.hub.open_streams() == 0


def test_a_heartbeat_comes_while_nothing_happens(edge: Edge, url: str) -> None:
    edge.feed.heartbeat_s = 0.1
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


def test_the_end_of_the_process_ends_all_streams_before_their_next_heartbeat(edge: Edge) -> None:
    edge.feed.heartbeat_s = 600.0  # longer than the clients wait
    with serving(edge) as address:
        clients = [StreamClient(address, uuid7()) for _ in range(20)]
        for client in clients:
            client.until("ready")
        edge.live.stop()
        for client in clients:
            assert client.next() is None
            client.close()
        late = StreamClient(address, uuid7())
        assert late.status == 503
        late.close()
