"""What a body, a query and a cursor may hold: everything else is refused by name, nothing gives a 5xx."""

import io
import json
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient

from chassis import errors
from chassis.ids import uuid7
from chassis.testing import problem
from chassis.web.schemas import Cursors, Schema, Uuid


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


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=101", "limit=x", "limit=1.5", "limit=1_0", "limit=%201", "limit=%2B1",
        "limit=%D9%A3", f"limit={'9' * 5000}", "cursor=%01",
    ],
)  # fmt: skip
def test_a_page_outside_the_limits_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/pages?{query}")
    assert answer.status_code == 422
    assert query.split("=")[0] in problem(answer)["errors"]


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


def test_a_uuid_is_read_in_its_usual_spelling_only() -> None:
    class Body(Schema):
        id = Uuid(required=True)

    for version in (uuid.uuid1(), uuid.uuid4(), uuid7(), uuid.UUID(int=0)):
        for text in (str(version), str(version).upper(), version.hex):
            assert Body().load({"id": text}) == {"id": version}
    text = str(uuid.uuid4())
    odd = (f"{{{text}}}", f"urn:uuid:{text}", f" {text}", f"{text}\n", text[:-1], f"{text}0", "\u0661" * 32)
    for wrong in (*odd, "0_0_0_0_0_0_0_0_0_0_0_0_0_0_0_01", "", 5, True, [], {}, None):
        assert set(Body().validate({"id": wrong})) == {"id"}, wrong
