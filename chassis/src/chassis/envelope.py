"""Events on the wire: a frozen dataclass per type in a CloudEvents 1.0 JSON envelope."""

from __future__ import annotations

import functools
import json
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from chassis.context import clean_traceparent
from chassis.errors import Invalid
from chassis.ids import uuid7
from chassis.times import rfc3339, utcnow

MAX_BYTES = 64 * 1024


class Event:
    """Base of all events. A subclass is a frozen dataclass of str, int, bool, UUID, datetime, lists of them, or None.

    `TYPE` is the CloudEvents type, `OWNER` the only service that emits it.
    """

    TYPE: ClassVar[str]
    OWNER: ClassVar[str]

    def subject(self) -> str:
        """What the event is about: the value of its first field."""
        return str(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]  # every subclass is a dataclass

    def to_data(self) -> dict[str, Any]:
        return {name: _plain(value) for name, value in asdict(self).items()}  # type: ignore[call-overload]  # as above

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The event from its wire form. Fields we do not know are ignored (a newer owner); missing ones are refused."""
        values = {}
        for name, hint in _hints(cls).items():  # type: ignore[arg-type]  # classes are hashable
            try:
                values[name] = _typed(hint, data[name])
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                # Never the value: this is logged and kept with the dead letter.
                text = f"not a valid {cls.TYPE}: {name}: {type(error).__name__}"
                raise Invalid(text, code="invalid-event") from None
        return cls(**values)


@functools.cache
def _hints(kind: type[Event]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}  # type: ignore[arg-type]  # every subclass is a dataclass


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _typed(hint: Any, value: Any) -> Any:
    args = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if type(None) in args:
        if value is None:
            return None
        (hint,) = (arg for arg in args if arg is not type(None))
        return _typed(hint, value)
    if origin in (list, tuple):
        if not isinstance(value, list):
            raise TypeError(f"expected a list, got {type(value).__name__}")
        items = [_typed(args[0], item) for item in value]
        return items if origin is list else tuple(items)
    if hint is UUID:
        return UUID(value)
    if hint is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment
    if type(value) is not hint:
        raise TypeError(f"expected {hint.__name__}, got {type(value).__name__}")
    if hint is str:
        value.encode()  # no lone surrogates, which no database takes, nor NUL
        if "\x00" in value:
            raise ValueError("NUL in a string")
    return value


@dataclass(frozen=True)
class Envelope:
    """One event with its CloudEvents attributes."""

    id: UUID
    source: str
    type: str
    time: str
    subject: str
    data: Mapping[str, Any]
    traceparent: str
    requestid: str

    def to_bytes(self) -> bytes:
        return json.dumps(
            {
                "specversion": "1.0", "id": str(self.id), "source": self.source, "type": self.type, "time": self.time,
                "subject": self.subject, "datacontenttype": "application/json", "traceparent": self.traceparent,
                "requestid": self.requestid, "data": self.data,
            },
            separators=(",", ":"),
        ).encode()  # fmt: skip


def seal(event: Event, *, request_id: str, traceparent: str) -> Envelope:
    """A fresh envelope around an event of ours."""
    return Envelope(
        uuid7(), event.OWNER, event.TYPE, rfc3339(utcnow()), event.subject(), event.to_data(), traceparent, request_id
    )


def open_envelope(raw: bytes) -> Envelope:
    """Read an envelope. Raises Invalid for anything that is none: such a delivery is dead at once."""
    if len(raw) > MAX_BYTES:
        raise Invalid("the event is larger than 64 KiB", code="invalid-event")
    try:
        body = json.loads(raw)
        if body["specversion"] != "1.0" or not isinstance(body["data"], dict):
            raise ValueError("not CloudEvents 1.0 with an object as data")
        return Envelope(
            UUID(body["id"]), str(body["source"]), str(body["type"]), str(body["time"]), str(body["subject"]),
            body["data"], clean_traceparent(body.get("traceparent")), str(body.get("requestid", "")),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid(f"not an event: {type(error).__name__}", code="invalid-event") from None
