"""Marshmallow pieces that every service uses: safe text, times, pages and their signed cursors."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import marshmallow as ma
from itsdangerous import BadData, URLSafeSerializer

from chassis.errors import Invalid
from chassis.times import rfc3339

_UUID = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}")
_DIGITS = re.compile(r"-?[0-9]+")


class Text(ma.fields.String):
    """A string without NUL, lone surrogates and control characters other than line breaks and tabs; trimmed.

    `longest` counts code points after trimming; with `shortest=1` blank text is refused.
    """

    def __init__(self, *, shortest: int = 0, longest: int, **options: Any) -> None:
        bounds = {"minLength": shortest, "maxLength": longest}
        super().__init__(metadata={**bounds, **options.pop("metadata", {})}, **options)
        self.shortest, self.longest = shortest, longest

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if text is None or any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
            raise ma.ValidationError("Holds characters that are not allowed.")
        text = text.strip()
        if len(text) < self.shortest:
            raise ma.ValidationError("Must not be blank." if self.shortest == 1 else f"Shorter than {self.shortest}.")
        if len(text) > self.longest:
            raise ma.ValidationError(f"Longer than {self.longest} characters.")
        return text


class Uuid(ma.fields.UUID):
    """A UUID of any version in its usual spelling, of either case: Python's own reading takes much more."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise self.make_error("invalid_uuid")
        return super()._deserialize(value, attr, data, **options)


class Integer(ma.fields.Integer):
    """A JSON integer of at most 64 bits, neither a float nor a string nor a boolean. In queries use `QueryInteger`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strict=True, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        if not -(2**63) <= value < 2**63:
            raise self.make_error("too_large", input=value)
        return super()._deserialize(value, attr, data, **options)


class QueryInteger(ma.fields.Integer):
    """An integer of a query in plain digits: Python's own reading takes spaces, `1_0` and the digits of any script."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **options)


class Boolean(ma.fields.Boolean):
    """A JSON boolean and nothing else."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Timestamp(ma.fields.Field[datetime]):
    """An aware datetime ↔ RFC 3339 in UTC with milliseconds."""

    def __init__(self, **options: Any) -> None:
        form = {"type": "string", "format": "date-time"}
        super().__init__(metadata={**form, **options.pop("metadata", {})}, **options)

    def _serialize(self, value: datetime | None, attr: Any, obj: Any, **options: Any) -> str | None:
        return rfc3339(value) if value is not None else None

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ma.ValidationError("The time has no zone.")
            return moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise ma.ValidationError("Not an RFC 3339 time.") from None


class Schema(ma.Schema):
    """A body or answer of ours: unknown fields are refused, fields keep their order."""

    class Meta:
        unknown = ma.RAISE


class Answer(Schema):
    """An answer, which is documented to hold each of its fields, except those in `sometimes`."""

    sometimes: ClassVar[tuple[str, ...]] = ()

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        """Called by marshmallow for each field."""
        field_obj.required = field_name not in self.sometimes


class PageQuery(Schema):
    """`limit` (1–100, default 50) and `cursor` of every list."""

    limit = QueryInteger(load_default=50, validate=ma.validate.Range(1, 100))
    cursor = Text(longest=500, load_default=None)


def page_of(item: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of `{"items": […], "next_cursor": …}`."""
    return type(
        item.__name__.removesuffix("Schema") + "Page",
        (Answer,),
        {"items": ma.fields.List(ma.fields.Nested(item)), "next_cursor": ma.fields.String(allow_none=True)},
    )


class Problem(Answer):
    """RFC 9457 problem details, the body of every error. `errors`: messages by field, where fields are wrong."""

    sometimes = ("errors",)

    type = ma.fields.String()
    title = ma.fields.String()
    status = ma.fields.Integer()
    detail = ma.fields.String()
    code = ma.fields.String()
    request_id = ma.fields.String()
    errors = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.String()))


class Cursors:
    """Opaque, signed positions in a list; one made for another list or viewer is refused."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def seal(self, scope: str, position: Sequence[Any]) -> str:
        sealed = URLSafeSerializer(self._secret, salt=f"cursor:{scope}").dumps(list(position))
        return sealed if isinstance(sealed, str) else sealed.decode()

    def open(self, scope: str, cursor: str | None) -> list[Any] | None:
        """The position, or None where the list starts. Raises Invalid for a cursor that is not ours."""
        if cursor is None:
            return None
        try:
            return list(URLSafeSerializer(self._secret, salt=f"cursor:{scope}").loads(cursor))
        except (BadData, TypeError, ValueError):
            raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from None

    def page(
        self, scope: str, rows: Sequence[Any], limit: int, position: Callable[[Any], Sequence[Any]]
    ) -> dict[str, Any]:
        """The answer from `limit + 1` fetched rows."""
        items = list(rows[:limit])
        more = len(rows) > limit
        return {"items": items, "next_cursor": self.seal(scope, position(items[-1])) if more else None}
