"""Reads the fields of a JSON object as models write them: fenced, unescaped, single-quoted, cut off in the middle."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

_DECODER = json.JSONDecoder(strict=False)
_KEY = re.compile(r"[\s,;]*(?:\"((?:[^\"\\]|\\.){0,100})\"|'([^'\\]{0,100})'|([A-Za-z_]\w{0,40}))\s*[:=]\s*")
_PLAIN_VALUE = re.compile(r"[^\s,;{}\[\]\"']{1,64}(?=[\s,;}\]])")
_NEXT_KEY = r"(?:[\"'][^\"'\\]{1,100}[\"']\s*:|(?:type|text|tags)\s*:)"
_CLOSES = re.compile(rf"\s*(?:[}}\]]|[,;]\s*(?:[}}\]]|{_NEXT_KEY})|[\"'](?:type|text|tags)[\"']\s*:)")
_MAY_CLOSE = re.compile(r"\s*(?:[,;]?\s*(?:[\"'][^\"'\\]{0,100}[\"']?|\w{0,4})\s*)?\Z")
_STOPS = {'"': re.compile(r"[\"\\]"), "'": re.compile(r"['\\]")}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|u[0-9a-fA-F]{0,3}\Z|[\s\S]|\Z)")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "\n"}
_NEAR_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")


@dataclass(frozen=True)
class Field:
    """One field's value; `complete` is false for a string whose end was not (yet) written."""

    value: object
    complete: bool = True


def fields_at(raw: str, start: int, at_end: bool) -> Mapping[str, Field]:
    """The fields of the object that opens at `raw[start]`, the first of each name, up to where it can't be read.

    With `at_end` false more text may follow, and only what no continuation changes is returned.
    """
    fields: dict[str, Field] = {}
    position = start + 1
    while key := _KEY.match(raw, position):
        name = next(part for part in key.groups() if part is not None).strip().lower()
        field, position = _value(raw, key.end(), at_end, name)
        if field is not None:
            fields.setdefault(name, field)
        if position < 0:
            break
    return fields


def unescaped(body: str) -> str:
    """The inside of a JSON string; an escape that is cut off is left out, an unknown one is taken literally."""
    return _ESCAPE.sub(_escape, body)


def _value(raw: str, start: int, at_end: bool, name: str) -> tuple[Field | None, int]:
    """The value at `start` and the position behind it, or -1 where reading ends."""
    sign = raw[start : start + 1]
    if sign and sign in "\"'":
        return _string(raw, start, at_end)
    if sign and sign in "[{":
        try:
            value, position = _DECODER.raw_decode(raw, start)
        except (ValueError, RecursionError):
            near = [unescaped(body) for body in _NEAR_STRING.findall(raw[start : start + 2000].partition("]")[0])]
            return (Field(near) if at_end and name == "tags" and sign == "[" else None), -1
        return Field(value), position
    plain = _PLAIN_VALUE.match(raw, start)
    if plain is None:
        return None, -1
    word = plain.group()
    is_word = word.isalpha() and word.lower() not in ("null", "none", "true", "false")
    return Field(word if is_word else None), plain.end()


def _string(raw: str, start: int, at_end: bool) -> tuple[Field, int]:
    """A string: its end is the first quote after which the object goes on, so unescaped inner quotes do no harm."""
    quote = raw[start]
    position = start + 1
    while found := _STOPS[quote].search(raw, position):
        here = found.start()
        if raw[here] == "\\":
            position = here + 2
            continue
        if _CLOSES.match(raw, here + 1):
            return Field(unescaped(raw[start + 1 : here])), here + 1
        if _MAY_CLOSE.match(raw, here + 1):
            return Field(unescaped(raw[start + 1 : here]), complete=at_end), -1
        position = here + 1
    return Field(unescaped(raw[start + 1 :]), complete=False), -1


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if code.startswith("u") and len(code) == 5:
        return chr(int(code[1:], 16))
    if not code or (code.startswith("u") and found.end() == len(found.string)):
        return ""
    return _LETTERS.get(code, code)
