"""The door of every service: problem+json for every error, request ids, access."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from wishing_app import nowhere

from chassis.auth import HEADER
from chassis.config import Common
from chassis.ids import uuid7
from chassis.metrics import Metrics
from chassis.testing import Keys, environment, problem
from chassis.web.app import create_app
from chassis.web.strictjson import Blueprint


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/",
        "/things/5",
        "/things/01a1f956-75d8-74f0-957a-d72a74842a89/more",
        "/things/%00",
        "/%ff",
        "//x",
        "/things/../x",
    ],
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


def test_readiness_tells_the_details_that_a_service_has() -> None:
    keys = Keys()
    app = create_app(
        Common.from_env(environment("chat-svc", "postgresql://nowhere/duet", keys), "chat-svc"),
        title="Test", blueprints=[], authenticate=lambda _request: None, metrics=Metrics(nowhere()), checks={},
        details={"engine": {"name": "offline"}},
    )  # fmt: skip
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready", "service": "chat-svc", "checks": {}, "details": {"engine": {"name": "offline"}},
    }  # fmt: skip


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
