"""JSON that refuses what parsers like to forgive: duplicate keys, NaN, NUL, lone surrogates, deep nesting."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from flask import Request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser

from chassis.errors import Malformed, TooLarge, UnsupportedType

MAX_DEPTH = 32
MAX_NUMBER_DIGITS = 64


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate keys")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER_DIGITS:
        raise ValueError("number too long")
    return int(digits)


def _walk(value: Any, is_fine: Callable[[str], bool]) -> None:
    """Iterative, so that no nesting exhausts the stack."""
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH and isinstance(item, dict | list):
            raise ValueError("nested too deeply")
        if isinstance(item, str):
            if not is_fine(item):
                raise ValueError("NUL or a lone surrogate in a string")
        elif isinstance(item, float) and not math.isfinite(item):
            raise ValueError("number out of range")
        elif isinstance(item, dict):
            if not all(map(_is_plain, item)):
                raise ValueError("NUL or a lone surrogate in a name")
            waiting.extend((part, depth + 1) for part in item.values())
        elif isinstance(item, list):
            waiting.extend((part, depth + 1) for part in item)


def loads(raw: str | bytes, *, allow_nul: bool = False) -> Any:
    """Parse strictly. Raises ValueError for everything that is not plain, finite, unambiguous JSON.

    `allow_nul`: values may hold NUL, for routes that judge strings one by one and hand none of them on.
    """
    text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_integer)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _walk(value, _is_unicode if allow_nul else _is_plain)
    return value


def _is_plain(text: str) -> bool:
    """Whether PostgreSQL and UTF-8 can hold it."""
    return "\x00" not in text and _is_unicode(text)


def _is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold it."""
    return not any("\ud800" <= c <= "\udfff" for c in text)


class StrictProvider(DefaultJSONProvider):
    """Flask's JSON, strict on the way in and compact on the way out."""

    compact = True
    sort_keys = False
    ensure_ascii = False

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        return loads(s)


class StrictParser(FlaskParser):
    """webargs that refuses unknown fields and query parameters, and bodies that are not JSON."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "json": RAISE}  # noqa: RUF012 - declared so by webargs

    allow_nul = False
    """Whether strings of a body may hold NUL."""

    def load_json(self, req: Request, schema: Any) -> Any:
        if not req.is_json:
            raise UnsupportedType("The body must be JSON, with Content-Type: application/json.")
        try:
            raw = req.get_data(cache=True)
        except OSError:
            raise Malformed("The request ended early.") from None
        if req.content_length is None and len(raw) >= (req.max_content_length or math.inf):
            # Without a length, what is too long comes cut off at the limit.
            raise TooLarge("The body is too large.")
        try:
            return loads(raw, allow_nul=self.allow_nul)
        except ValueError:
            raise Malformed("The body is not valid JSON.") from None

    def load_querystring(self, req: Request, schema: Any) -> Any:
        for name, value in req.args.items(multi=True):
            if not (_is_plain(name) and _is_plain(value)):
                raise Malformed("The query holds characters that are not allowed.")
        return super().load_querystring(req, schema)


class Blueprint(SmorestBlueprint):
    """A flask-smorest blueprint with the strict parser."""

    ARGUMENTS_PARSER = StrictParser()
