"""Calls between services through both ways: identity, request id, deadline, refusals and failures."""

from typing import Any

import pytest
from flask import Flask, Response

from chassis import auth, context
from chassis.auth import Verifier
from chassis.config import Common
from chassis.db import Database
from chassis.errors import DomainError, Internal, Invalid, NotFound, PaymentRequired, RateLimited, Unavailable
from chassis.metrics import Metrics
from chassis.testing import Keys, environment
from chassis.upstream import Upstream
from chassis.web.app import by_identity_header, create_app
from chassis.web.strictjson import Blueprint

REFUSALS: dict[str, DomainError] = {
    "quota": PaymentRequired("Nothing is left.", code="quota-exhausted"),
    "fields": Invalid("Wrong.", errors={"a": ["Missing."]}),
    "rate": RateLimited("Slower.", retry_after=7, headers={"RateLimit-Limit": "3", "RateLimit-Reset": "7"}),
    "away": Unavailable(),
    "defect": Internal(),
}


def service_app(keys: Keys) -> Flask:
    bp = Blueprint("inside", "inside")

    @bp.get("/internal/told")
    @auth.callers("chat-svc")
    def told() -> dict[str, Any]:
        work = context.current()
        return {"request_id": work.request_id, "trace": work.traceparent, "left": work.remaining(60.0)}

    @bp.get("/internal/refusal/<kind>")
    @auth.callers("chat-svc")
    def refusal(kind: str) -> dict[str, Any]:
        raise REFUSALS[kind]

    @bp.get("/internal/not-yours")
    @auth.callers("ai-svc")
    def not_yours() -> dict[str, Any]:
        return {}

    @bp.get("/internal/large")
    @auth.callers("chat-svc")
    def large() -> Response:
        return Response((b"x" * 1_000_000 for _ in range(20)), content_type="application/json")

    @bp.get("/internal/html")
    @auth.callers("chat-svc")
    def html() -> Response:
        return Response("<p>hello", content_type="text/html")

    config = Common.from_env(environment("quota-svc", "postgresql:///none", keys), "quota-svc")
    nowhere = Database("host=127.0.0.1 port=1 dbname=none", pool_size=2, application="test")
    return create_app(
        config,
        title="Test",
        blueprints=[bp],
        authenticate=by_identity_header(Verifier("quota-svc", config.public_keys)),
        metrics=Metrics(nowhere),
        checks={},
    )


@pytest.fixture
def quota(way: Any, keys: Keys) -> Upstream:
    return Upstream("quota-svc", way(service_app(keys)), keys.signer("chat-svc"))


def test_request_id_and_trace_travel_and_the_deadline_shrinks(quota: Upstream) -> None:
    with context.working("chat-svc", "the-request", seconds=20.0) as work:
        told = quota.call("GET", "/internal/told", timeout=25.0)
        assert (told["request_id"], told["trace"]) == ("the-request", work.traceparent)
        assert 5.0 < told["left"] < 20.0
        assert quota.call("GET", "/internal/told", timeout=10.0)["left"] <= 10.0
        assert context.current() is work


def test_no_call_goes_out_when_the_time_is_up(quota: Upstream) -> None:
    with context.working("chat-svc", seconds=0.0), pytest.raises(Unavailable):
        quota.call("GET", "/internal/told")


@pytest.mark.parametrize("kind", ["quota", "fields", "rate"])
def test_a_refusal_comes_out_as_the_neighbour_meant_it(quota: Upstream, kind: str) -> None:
    meant = REFUSALS[kind]
    with pytest.raises(type(meant)) as caught:
        quota.call("GET", f"/internal/refusal/{kind}")
    told = caught.value
    assert (told.status, told.code, told.detail) == (meant.status, meant.code, meant.detail)
    assert (told.errors, told.retry_after, told.headers) == (meant.errors, meant.retry_after, meant.headers)
    assert not quota.breaker.is_open


@pytest.mark.parametrize("what", ["refusal/away", "refusal/defect", "large", "html"])
def test_a_failure_an_endless_answer_and_one_that_is_no_json_are_unavailable(quota: Upstream, what: str) -> None:
    with pytest.raises(Unavailable):
        quota.call("GET", f"/internal/{what}")
    quota.breaker.succeeded()
    assert quota.call("GET", "/internal/told")["left"] <= 5.0


def test_a_route_that_is_not_ours_to_call_is_a_defect_of_ours(quota: Upstream) -> None:
    with pytest.raises(Internal):
        quota.call("GET", "/internal/not-yours")
    with pytest.raises(NotFound):
        quota.call("GET", "/internal/no-such-route")
