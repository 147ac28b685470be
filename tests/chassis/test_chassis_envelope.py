"""Events on the wire: what is sent comes back, what is no event is refused, newer owners are understood."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from chassis_kit import Described, Poked
from hypothesis import given
from hypothesis import strategies as st

from chassis.context import clean_traceparent
from chassis.envelope import MAX_BYTES, open_envelope, seal
from chassis.errors import Invalid

DESCRIBED = Described(
    thing_id=uuid4(),
    number=-5,
    flag=True,
    note="🌷 tulips",
    at=datetime(2026, 11, 20, 10, 0, 0, 123000, tzinfo=UTC),
    until=None,
    friends=[uuid4(), uuid4()],
    sizes=[1, 2, 3],
)
TRACE = clean_traceparent(None)


def raw(**changes: Any) -> bytes:
    body = json.loads(seal(DESCRIBED, request_id="r1", traceparent=TRACE).to_bytes())
    return json.dumps({**body, **changes}).encode()


def data(**changes: Any) -> dict[str, Any]:
    return {**DESCRIBED.to_data(), **changes}


def test_an_event_comes_back_as_it_was_sent() -> None:
    envelope = open_envelope(seal(DESCRIBED, request_id="r1", traceparent=TRACE).to_bytes())
    assert Described.from_data(envelope.data) == DESCRIBED
    assert (envelope.source, envelope.type, envelope.requestid, envelope.traceparent) == (
        "chat-svc", "test.described.v1", "r1", TRACE,
    )  # fmt: skip
    assert envelope.subject == str(DESCRIBED.thing_id)


def test_the_envelope_is_cloudevents_json() -> None:
    body = json.loads(raw())
    assert body["specversion"] == "1.0"
    assert body["datacontenttype"] == "application/json"
    assert body["time"].endswith("Z")
    assert body["data"]["at"] == "2026-11-20T10:00:00.123Z"


def test_a_field_of_a_newer_owner_is_ignored() -> None:
    assert Described.from_data(data(brand_new=1)) == DESCRIBED
    assert open_envelope(raw(brandnew="x")).type == "test.described.v1"


@pytest.mark.parametrize("field", ["thing_id", "number", "note", "friends", "at", "until"])
def test_a_missing_field_is_refused(field: str) -> None:
    less = data()
    del less[field]
    with pytest.raises(Invalid, match=field):
        Described.from_data(less)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("thing_id", "5"),
        ("thing_id", 5),
        ("thing_id", None),
        ("number", "1"),
        ("number", 1.0),
        ("number", True),
        ("number", None),
        ("flag", 1),
        ("note", 5),
        ("note", "a\x00b"),
        ("note", "\ud800"),
        ("at", "yesterday"),
        ("at", "2026-11-20T10:00:00"),
        ("at", 5),
        ("friends", None),
        ("friends", "x"),
        ("friends", ["x"]),
        ("friends", {}),
        ("sizes", [1, "2"]),
        ("sizes", [1, None]),
        ("sizes", [1, True]),
    ],
)
def test_a_field_of_another_type_is_refused_without_telling_its_value(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        Described.from_data(data(**{field: value}))
    assert field in caught.value.detail
    assert "yesterday" not in caught.value.detail


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"specversion": "1.0"}',
        raw(specversion="2.0"),
        raw(id="5"),
        raw(id=5),
        raw(data=[]),
        raw(data=None),
        raw(id=None),
        b'{"specversion": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        open_envelope(body)


def test_an_oversized_event_is_refused_unread() -> None:
    with pytest.raises(Invalid, match="64 KiB"):
        open_envelope(raw(padding="x" * MAX_BYTES))


def test_an_odd_trace_is_replaced() -> None:
    assert open_envelope(raw(traceparent="x\r\ny")).traceparent != "x\r\ny"
    with pytest.raises(Invalid):
        open_envelope(raw(traceparent=5))


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_be_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        open_envelope(body)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=10))
def test_no_value_in_a_field_does_anything_but_be_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        Poked.from_data({"poke_id": value})
