"""The door of every service: strict JSON, problem+json for every error, request ids, access."""

import io
import json
from collections.abc import Iterator
from typing import Any

import marshmallow as ma
import pytest
from flask.testing import FlaskClient
from psycopg2.extensions import make_dsn

from chassis import auth, errors
from chassis.auth import HEADER, Verifier
from chassis.config import Common
from chassis.db import Database
from chassis.ids import uuid7
from chassis.metrics import Metrics
from chassis.testing import Keys, environment, problem
from chassis.web.app import by_identity_header, create_app
from chassis.web.schemas import Boolean, Cursors, Integer, PageQuery, Schema, Text, Timestamp
from chassis.web.strictjson import Blueprint


class Wish(Schema):
    text = Text(longest=50, shortest=1)
    number = Integer()
    sure = Boolean()
    at = Timestamp()
    deep = ma.fields.Raw()


class Search(Schema):
    q = ma.fields.String()


def wishes() -> Blueprint:
    bp = Blueprint("wishes", "wishes")

    @bp.post("/wishes")
    @auth.public
    @bp.arguments(Wish)
    @bp.response(200, Wish)
    def post(wish: dict[str, Any]) -> dict[str, Any]:
        return wish

    @bp.get("/search")
    @auth.public
    @bp.arguments(Search, location="query")
    def search(query: dict[str, Any]) -> dict[str, Any]:
        return query

    @bp.get("/pages")
    @auth.public
    @bp.arguments(PageQuery, location="query")
    def pages(query: dict[str, Any]) -> dict[str, Any]:
        return query

    @bp.get("/things/<uuid7:thing_id>")
    @auth.public
    def thing(thing_id: str) -> dict[str, Any]:
        return {"id": thing_id}

    @bp.get("/defect")
    @auth.public
    def defect() -> dict[str, Any]:
        raise RuntimeError("canary-in-a-defect")

    @bp.get("/refusal")
    @auth.public
    def refusal() -> dict[str, Any]:
        raise errors.PaymentRequired("Nothing is left.", code="quota-exhausted")

    @bp.get("/odd")
    @auth.public
    def odd() -> dict[str, Any]:
        raise errors.Conflict("half a \ud800 pair")

    @bp.get("/database")
    @auth.public
    def database() -> dict[str, Any]:
        nowhere().ping()
        return {}

    @bp.get("/mine")
    @auth.user
    def mine() -> dict[str, Any]:
        return {"user": auth.current_user_id()}

    @bp.get("/internal/x")
    @auth.callers("quota-svc")
    def internal() -> dict[str, Any]:
        return {}

    return bp


def nowhere() -> Database:
    return Database(make_dsn(host="127.0.0.1", port=1, dbname="none"), pool_size=2, application="test")


@pytest.fixture
def client(keys: Keys) -> Iterator[FlaskClient]:
    config = Common.from_env(environment("chat-svc", "postgresql:///none", keys), "chat-svc")
    app = create_app(
        config,
        title="Test",
        blueprints=[wishes()],
        authenticate=by_identity_header(Verifier("chat-svc", config.public_keys)),
        metrics=Metrics(nowhere()),
        checks={"database": nowhere().ping},
    )
    with app.test_client() as test_client:
        yield test_client


def nested(levels: int, inner: str = "") -> str:
    return '{"deep":' + "[" * (levels - 1) + inner + "]" * (levels - 1) + "}"


REFUSED_BODIES = {
    "33 levels": nested(33).encode(),
    "100,000 open brackets": b"[" * 100_000,
    "100,000 nested brackets": nested(100_000).encode(),
    "100,000 nested objects": b'{"deep":' * 100_000 + b"1" + b"}" * 100_000,
    "NaN": b'{"number": NaN}',
    "Infinity": b'{"number": -Infinity}',
    "1e999": b'{"deep": 1e999}',
    "a key twice": b'{"text": "a", "text": "b"}',
    "a key twice, deep down": b'{"deep": [{"a": {"b": 1, "b": 1}}]}',
    "NUL": b'{"text": "a\\u0000b"}',
    "NUL in a key": b'{"a\\u0000b": 1}',
    "a raw NUL": b'{"text": "a\x00b"}',
    "a lone surrogate": b'{"text": "\\ud800"}',
    "a lone low surrogate in a key": b'{"\\udc00": 1}',
    "a number of 5,000 digits": b'{"number": ' + b"9" * 5000 + b"}",
    "invalid UTF-8": b'{"text": "\xff\xfe"}',
    "an encoded surrogate": b'{"text": "\xed\xa0\x80"}',
    "a byte order mark": b'\xef\xbb\xbf{"text": "a"}',
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "nothing": b"",
    "half": b'{"text": ',
    "two documents": b"{}{}",
    "a comment": b"{} // no",
    "single quotes": b"{'text': 'a'}",
}


@pytest.mark.parametrize("body", REFUSED_BODIES.values(), ids=list(REFUSED_BODIES))
def test_a_body_that_is_not_plain_json_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/wishes", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert problem(answer)["code"] == "malformed"


def test_32_levels_are_read_whatever_is_inside(client: FlaskClient) -> None:
    answer = client.post("/wishes", data=nested(32, '"x"'), content_type="application/json")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 51}, "text"),
        ({"text": "bell \x07"}, "text"),
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({"number": 1.0}, "number"),
        ({"number": "1"}, "number"),
        ({"number": True}, "number"),
        ({"number": 2**63}, "number"),
        ({"sure": 1}, "sure"),
        ({"sure": "true"}, "sure"),
        ({"at": "2026-11-20T10:00:00"}, "at"),
        ({"at": 5}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"no_such": 1}, "no_such"),
        ([], "body"),
        ("text", "body"),
        (None, "body"),
    ],
)
def test_a_field_that_is_wrong_is_named(client: FlaskClient, body: Any, field: str) -> None:
    answer = client.post("/wishes", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 422
    assert field in problem(answer)["errors"]


def test_what_is_right_comes_back(client: FlaskClient) -> None:
    wish = {"text": "🌷\n", "number": -(2**63), "sure": False, "at": "2026-11-20T11:00:00.5+01:00"}
    answer = client.post("/wishes", json=wish)
    assert answer.json == {"text": "🌷", "number": -(2**63), "sure": False, "at": "2026-11-20T10:00:00.500Z"}


def test_a_body_of_5_mb_is_too_large_whether_its_length_is_told_or_not(client: FlaskClient) -> None:
    body = b'{"text": "' + b"x" * 5_000_000 + b'"}'
    chunked = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    told = client.post("/wishes", data=body, content_type="application/json")
    untold = client.post("/wishes", content_type="application/json", environ_overrides=chunked)
    assert (told.status_code, untold.status_code) == (413, 413)
    assert problem(told)["code"] == problem(untold)["code"] == "too-large"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/xml"])
def test_a_body_of_another_type_is_refused(client: FlaskClient, kind: str) -> None:
    answer = client.post("/wishes", data=b'{"text": "a"}', content_type=kind)
    assert answer.status_code == 415
    assert problem(answer)["code"] == "unsupported-type"


@pytest.mark.parametrize("query", ["q=%00", "q=a%00b", "%00=1", "q=1&no_such=%00"])
def test_a_query_with_nul_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/search?{query}")
    assert answer.status_code == 400
    assert problem(answer)["code"] == "malformed"


@pytest.mark.parametrize("query", ["q=%ED%A0%80", "q=%FF", "q=%", "q=%zz", "q=%C3%28"])
def test_a_query_that_is_no_utf8_gives_no_5xx_and_no_surrogates(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/search?{query}")
    assert answer.status_code < 500
    if answer.status_code == 200:
        assert answer.json is not None
        answer.json["q"].encode()


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=1.5", f"limit={'9' * 5000}", "cursor=%01"])
def test_a_page_outside_the_limits_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/pages?{query}")
    assert answer.status_code == 422
    assert query.split("=")[0] in problem(answer)["errors"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/", "/things/5", f"/things/{uuid7()}/more", "/things/%00", "/%ff", "//x", "/things/../x"]
)
def test_what_is_not_there_is_a_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert 400 <= answer.status_code < 500
    problem(answer)


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.delete("/wishes")
    assert answer.status_code == 405
    assert problem(answer)["code"] == "method-not-allowed"
    assert "POST" in answer.headers["Allow"]


def test_a_refusal_keeps_its_code_and_sentence(client: FlaskClient) -> None:
    answer = client.get("/refusal", headers={"X-Request-Id": "mine-1"})
    assert answer.status_code == 402
    told = problem(answer)
    assert (told["code"], told["detail"], told["request_id"]) == ("quota-exhausted", "Nothing is left.", "mine-1")
    assert told["title"] == "Quota exhausted"


def test_a_defect_shows_nothing_of_itself(client: FlaskClient) -> None:
    answer = client.get("/defect")
    assert answer.status_code == 500
    assert problem(answer)["code"] == "internal"
    assert "canary" not in answer.text


def test_a_sentence_that_is_no_unicode_is_told_all_the_same(client: FlaskClient) -> None:
    assert client.get("/odd").status_code == 409


def test_a_database_that_is_away_is_unavailable(client: FlaskClient) -> None:
    answer = client.get("/database")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert problem(answer)["code"] == "unavailable"


def test_readiness_names_what_is_away_and_health_does_not_care(client: FlaskClient) -> None:
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json is not None
    assert ready.json["checks"] == {"database": "unavailable"}
    assert client.get("/healthz").json == {"status": "ok", "service": "chat-svc"}


def test_a_harmless_request_id_is_taken_and_echoed(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "a.b-1:2"}).headers["X-Request-Id"] == "a.b-1:2"


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "ä", "a;b", "<script>", "{}", "a\tb"])
def test_any_other_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/nothing", headers={"X-Request-Id": given})
    made = answer.headers["X-Request-Id"]
    assert made != given
    assert len(made) == 24
    assert problem(answer)["request_id"] == made


def test_a_line_break_in_a_request_id_is_refused(client: FlaskClient) -> None:
    answer = client.get("/healthz", environ_overrides={"HTTP_X_REQUEST_ID": "a\r\nSet-Cookie: b=c"})
    assert len(answer.headers["X-Request-Id"]) == 24
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("method", ["BREW", "get", "X" * 20])
def test_a_method_that_does_not_exist_is_refused_and_counted_under_one_name(client: FlaskClient, method: str) -> None:
    answer = client.open("/wishes", method=method)
    assert 400 <= answer.status_code < 500
    exposed = client.get("/metrics").text
    assert method not in exposed
    assert 'method="other"' in exposed or method == "get"


def test_an_odd_deadline_is_ignored(client: FlaskClient) -> None:
    for deadline in ("-5", "1e9", "٣", "x", "9" * 50, ""):
        assert client.get("/healthz", headers={"X-Duet-Deadline-Ms": deadline}).status_code == 200


def test_a_route_without_a_stated_access_is_refused_at_the_start(keys: Keys) -> None:
    bp = Blueprint("silent", "silent")

    @bp.get("/silent")
    def silent() -> dict[str, Any]:
        return {}

    config = Common.from_env(environment("chat-svc", "postgresql:///none", keys), "chat-svc")
    with pytest.raises(RuntimeError, match="/silent"):
        create_app(
            config,
            title="Test",
            blueprints=[bp],
            authenticate=lambda _request: None,
            metrics=Metrics(nowhere()),
            checks={},
        )


def test_a_user_route_lets_only_users_in_and_an_internal_one_only_its_callers(client: FlaskClient, keys: Keys) -> None:
    gateway, quota, ai = keys.signer("gateway"), keys.signer("quota-svc"), keys.signer("ai-svc")
    user = gateway.token("chat-svc", subject=str(uuid7()), role="user")
    anonymous = gateway.token("chat-svc", subject="anonymous", role="anonymous")
    forged = quota.token("chat-svc", subject=str(uuid7()), role="user")

    def status(path: str, token: str | None) -> int:
        return client.get(path, headers={HEADER: token} if token else {}).status_code

    assert [status("/mine", token) for token in (user, anonymous, forged, None, quota.service_token("chat-svc"))] == [
        200, 401, 401, 401, 401,
    ]  # fmt: skip
    callers = (quota.service_token("chat-svc"), ai.service_token("chat-svc"), user, forged, None)
    assert [status("/internal/x", token) for token in callers] == [200, 403, 403, 403, 401]


def test_a_cursor_opens_only_the_list_it_was_made_for() -> None:
    cursors = Cursors("secret-secret-secret-secret-secret")
    sealed = cursors.seal("messages:alice", [7, "x"])
    assert cursors.open("messages:alice", sealed) == [7, "x"]
    for scope, cursor in (("messages:bob", sealed), ("messages:alice", sealed[:-1]), ("messages:alice", "")):
        with pytest.raises(errors.Invalid):
            cursors.open(scope, cursor)
    with pytest.raises(errors.Invalid):
        Cursors("another-another-another-another-ab").open("messages:alice", sealed)
    page = cursors.page("l", [1, 2, 3], 2, lambda row: [row])
    assert page["items"] == [1, 2]
    assert cursors.open("l", page["next_cursor"]) == [2]
    assert cursors.page("l", [1, 2], 2, lambda row: [row])["next_cursor"] is None
