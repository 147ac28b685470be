"""Calls over HTTP to neighbours that are slow, silent, broken, gone: bounded in time, repeated only where harmless."""

import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from scripted_server import FAILURES, OK, Answer, Scripted, first_fails, hang_up, say

from chassis import context
from chassis.errors import DomainError, Unavailable, from_problem
from chassis.testing import eventually
from chassis.upstream import Breaker, Network, Upstream


@pytest.mark.parametrize("failure", FAILURES.values(), ids=list(FAILURES))
def test_an_idempotent_call_is_repeated_once(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream], failure: Answer
) -> None:
    server = serve(first_fails(failure))
    assert to(server.url).call("POST", "/internal/x", {"a": 1}) == {}
    assert len(server.requests) == 2
    assert server.requests[0].partition(b"\r\n\r\n")[2] == server.requests[1].partition(b"\r\n\r\n")[2] == b'{"a":1}'


@pytest.mark.parametrize("failure", FAILURES.values(), ids=list(FAILURES))
def test_any_other_call_is_not_repeated_and_its_outcome_unknown(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream], failure: Answer
) -> None:
    server = serve(first_fails(failure))
    with pytest.raises(Unavailable):
        to(server.url).call("POST", "/internal/x", {}, idempotent=False)
    assert len(server.requests) == 1


@pytest.mark.parametrize("failure", FAILURES.values(), ids=list(FAILURES))
def test_a_neighbour_that_keeps_failing_is_unavailable_after_two_tries(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream], failure: Answer
) -> None:
    server = serve(failure)
    with pytest.raises(Unavailable):
        to(server.url).call("GET", "/internal/x")
    assert len(server.requests) == 2


def drip(head: bytes, every: float) -> Answer:
    def answer(connection: socket.socket, _n: int) -> None:
        for byte in head + b"x" * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(every)

    return answer


SLOW: dict[str, Answer] = {
    "silent": lambda _c, _n: time.sleep(60),
    "dripping status": drip(b"", 0.1),
    "dripping headers": drip(b"HTTP/1.1 200 OK\r\nX-Header: ", 0.1),
    "dripping body": lambda c, n: (
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"), drip(b"", 0.1)(c, n))[1],
    "dripping chunk sizes": lambda c, n: (
        c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), drip(b"0" * 500, 0.1)(c, n))[1],
}  # fmt: skip


@pytest.mark.parametrize("slowness", SLOW.values(), ids=list(SLOW))
@pytest.mark.parametrize("idempotent", [True, False])
def test_a_slow_neighbour_is_unavailable_within_the_timeout(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream], slowness: Answer, idempotent: bool
) -> None:
    server = serve(slowness)
    upstream = to(server.url)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        upstream.call("GET", "/internal/x", idempotent=idempotent, timeout=0.6)
    assert time.monotonic() - started < 20, "an answer like these takes a minute or more"
    assert len(server.requests) <= 1, "no time is left for a second try"


def test_the_callers_deadline_cuts_the_timeout(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream]
) -> None:
    upstream = to(serve(SLOW["silent"]).url)
    started = time.monotonic()
    with context.working("chat-svc", seconds=0.4), pytest.raises(Unavailable):
        upstream.call("GET", "/internal/x", timeout=50)
    assert time.monotonic() - started < 20


def test_a_repeated_call_tells_only_what_is_left_of_its_time(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream]
) -> None:
    def late_then_ok(connection: socket.socket, number: int) -> None:
        if number == 1:
            time.sleep(0.5)
            hang_up(connection, number)
        else:
            connection.sendall(OK)

    server = serve(late_then_ok)
    to(server.url).call("GET", "/internal/x", timeout=60.0)
    told = [int(request.split(b"X-Duet-Deadline-Ms: ")[1].split(b"\r\n")[0]) for request in server.requests]
    assert 40_000 < told[0] <= 60_000
    assert 0 < told[1] <= told[0] - 500


def test_a_refused_connection_is_unavailable_at_once(to: Callable[[str], Upstream]) -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable):
        to("http://127.0.0.1:1").call("GET", "/internal/x", timeout=60)
    assert time.monotonic() - started < 20


def test_connections_are_kept_and_stale_ones_not_used(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream]
) -> None:
    server = serve(say(OK))
    upstream = to(server.url)
    for _ in range(5):
        assert upstream.call("POST", "/internal/x", {}, idempotent=False) == {}
    assert len(server.connections) == 1
    hang_up(server.connections[0], 0)
    time.sleep(0.1)
    assert upstream.call("POST", "/internal/x", {}, idempotent=False) == {}
    assert len(server.connections) == 2


def test_a_server_that_closes_after_each_answer_is_no_trouble(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream]
) -> None:
    server = serve(say(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")))
    upstream = to(server.url)
    for _ in range(3):
        assert upstream.call("POST", "/internal/x", {}, idempotent=False) == {}
    assert len(server.connections) == 3


def test_threads_share_connections_and_leak_none(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream]
) -> None:
    server = serve(say(OK))
    upstream = to(server.url)

    def work() -> None:
        for _ in range(40):
            assert upstream.call("GET", "/internal/x") == {}

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(work) for _ in range(16)]:
            done.result()
    assert len(server.requests) == 640
    assert len(server.connections) <= 16


def test_the_breaker_opens_after_failures_and_recovers_by_a_trial() -> None:
    breaker = Breaker(threshold=3, cooldown=1.0)
    for _ in range(3):
        assert breaker.allow()
        breaker.failed()
    assert breaker.is_open
    assert not breaker.allow()
    assert [eventually(breaker.allow), *(breaker.allow() for _ in range(4))] == [True, False, False, False, False]
    breaker.failed()
    assert not breaker.allow()
    eventually(breaker.allow)
    breaker.succeeded()
    assert [breaker.allow() for _ in range(3)] == [True, True, True]


def test_a_dead_neighbour_is_not_asked_again_and_again_and_is_found_again(
    serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream]
) -> None:
    well = threading.Event()
    server = serve(lambda c, n: c.sendall(OK) if well.is_set() else hang_up(c, n))
    upstream = to(server.url)
    upstream.breaker = Breaker(cooldown=3.0)
    for _ in range(20):
        with pytest.raises(Unavailable):
            upstream.call("GET", "/internal/x")
    assert len(server.requests) <= 8
    well.set()

    def is_found() -> bool:
        try:
            return bool(upstream.call("GET", "/internal/x") == {})
        except Unavailable:
            return False

    eventually(is_found)
    assert not upstream.breaker.is_open


def test_refusals_do_not_open_the_breaker(serve: Callable[[Answer], Scripted], to: Callable[[str], Upstream]) -> None:
    body = json.dumps({"code": "quota-exhausted", "detail": "Nothing is left."}).encode()
    head = f"HTTP/1.1 402 No\r\nRetry-After: 9\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    upstream = to(serve(say(head + body)).url)
    for _ in range(10):
        with pytest.raises(DomainError) as caught:
            upstream.call("GET", "/internal/x")
        assert (caught.value.status, caught.value.code, caught.value.retry_after) == (402, "quota-exhausted", 9)
    assert not upstream.breaker.is_open


@pytest.mark.parametrize("told", [None, [], "x", {}, {"errors": 5}, {"code": 5, "detail": None}, {"errors": ["a"]}])
def test_an_odd_problem_is_still_a_refusal(told: object) -> None:
    error = from_problem(410, told)
    assert error.status == 410
    assert not error.retryable
    assert error.to_problem("r")["status"] == 410


def test_an_unknown_neighbour_is_named() -> None:
    with pytest.raises(KeyError, match="media-svc"):
        Network({"quota-svc": "http://127.0.0.1:1"}).transport("media-svc")
