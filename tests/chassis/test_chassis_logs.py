"""Logs and metrics tell what happened, never what people wrote."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from bus_world import World
from chassis_kit import Databases
from flask import Flask
from psycopg2.extensions import make_dsn

from chassis import auth, context, logs
from chassis.auth import Verifier
from chassis.config import Common
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.jobs import Loop
from chassis.metrics import Metrics
from chassis.testing import Keys, environment, eventually
from chassis.web.app import by_identity_header, create_app
from chassis.web.strictjson import Blueprint

CANARY = "canary-tweets-secretly"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    text = io.StringIO()
    logs.configure("debug", text)
    yield text
    logs.configure("info", io.StringIO())


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def app_that(view: Any, keys: Keys, metrics: Metrics) -> Flask:
    bp = Blueprint("views", "views")
    bp.get("/view")(auth.public(view))
    config = Common.from_env(environment("chat-svc", "postgresql:///none", keys), "chat-svc")
    return create_app(
        config,
        title="Test",
        blueprints=[bp],
        authenticate=by_identity_header(Verifier("chat-svc", config.public_keys)),
        metrics=metrics,
        checks={},
    )


def test_an_exception_is_told_by_kind_and_place_never_by_its_message(stream: io.StringIO) -> None:
    log = structlog.get_logger("test")
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise ValueError(CANARY) from cause
    except ValueError as error:
        log.error("failed", exc_info=error)
        log.exception("failed_again")
    for entry in entries(stream):
        assert (entry["exception"], entry["cause"]) == ("ValueError", "KeyError")
        assert any("test_chassis_logs.py" in frame for frame in entry["frames"])
    assert CANARY not in stream.getvalue()


def test_libraries_log_without_their_texts(stream: io.StringIO) -> None:
    logging.getLogger("some.library").error("%s", CANARY)
    assert CANARY not in stream.getvalue()
    assert entries(stream)[-1] == {"level": "ERROR", "logger": "some.library"}


def test_an_exception_in_the_log_of_a_library_is_told_in_its_line_and_by_kind_only(stream: io.StringIO) -> None:
    try:
        raise KeyError(CANARY)
    except KeyError:
        logging.getLogger("some.library").exception("%s", CANARY, stack_info=True)
    assert entries(stream) == [{"level": "ERROR", "logger": "some.library", "exception": "KeyError"}]


def test_a_line_carries_the_request_it_belongs_to(stream: io.StringIO) -> None:
    with context.working("chat-svc", "request-1"):
        structlog.get_logger("test").info("happened", rows=3)
    (entry,) = entries(stream)
    assert (entry["event"], entry["rows"], entry["service"], entry["request_id"]) == (
        "happened",
        3,
        "chat-svc",
        "request-1",
    )
    assert entry["level"] == "info"


def test_no_failure_of_a_request_a_step_a_callback_or_a_delivery_tells_its_message(
    stream: io.StringIO, databases: Databases, keys: Keys
) -> None:
    world = World("memory", databases, "")
    database = world.publisher

    def fail(*_: Any) -> Any:
        with database.transaction():
            database.after_commit(fail_softly)
        with database.transaction():
            # PostgreSQL tells the whole row in its message
            database.execute("INSERT INTO outbox (event_id, type, body) VALUES (NULL, %s, '')", (CANARY,))

    def fail_softly() -> None:
        raise RuntimeError(CANARY)

    def away() -> None:
        raise Unavailable("away") from RuntimeError(CANARY)

    consumer = world.consumer(fail, on_signal=fail)
    world.relay()
    world.emit()
    world.bus.send_signal({"text": CANARY})
    Loop("step", fail, idle_seconds=1).run_once()
    client = app_that(fail, keys, Metrics(database)).test_client()
    assert client.get("/view").status_code == 500
    assert CANARY not in client.get("/view").text
    assert app_that(away, keys, Metrics(database)).test_client().get("/view").status_code == 503
    eventually(lambda: world.dead(consumer))
    world.close()
    told = {entry["event"] for entry in entries(stream)}
    assert {
        "after_commit_failed",
        "http_defect",
        "step_failed",
        "delivery_failed",
        "delivery_dead",
        "signal_failed",
    } <= told
    assert CANARY not in stream.getvalue()
    assert CANARY not in str(world.dead(consumer))


def test_metrics_count_requests_and_what_waits(databases: Databases, keys: Keys) -> None:
    world = World("memory", databases, "")
    metrics = Metrics(world.publisher)
    metrics.counter("duet_test_things", "Things.", ("kind",)).labels("a").inc()
    metrics.gauge("duet_test_depth", "Depth.", lambda: 7.0)
    client = app_that(dict, keys, metrics).test_client()
    client.get("/view")
    client.get("/nothing/at/all")
    world.emit(3)
    with world.publisher.transaction():
        world.publisher.execute(
            "INSERT INTO deliveries (event_id, type, body, attempts, due_at, error) VALUES"
            " (gen_random_uuid(), 't', '', 1, now(), ''), (gen_random_uuid(), 't', '', 8, NULL, '')"
        )
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.text.splitlines()
    for line in (
        'duet_http_requests_total{method="GET",route="/view",status="200"} 1.0',
        'duet_http_requests_total{method="GET",route="-",status="404"} 1.0',
        'duet_http_request_seconds_count{method="GET",route="/view"} 1.0',
        "duet_outbox_unpublished 3.0",
        "duet_deliveries_waiting 1.0",
        "duet_deliveries_dead 1.0",
        'duet_test_things_total{kind="a"} 1.0',
        "duet_test_depth 7.0",
    ):
        assert line in lines
    assert "/nothing" not in answer.text
    world.close()


def test_metrics_are_there_without_the_database(keys: Keys) -> None:
    nowhere = Database(make_dsn(host="127.0.0.1", port=1, dbname="none"), pool_size=2, application="test")
    answer = app_that(dict, keys, Metrics(nowhere)).test_client().get("/metrics")
    assert answer.status_code == 200
    assert "duet_outbox_unpublished " not in answer.text
