"""What hostile clients send: bodies that are hardly JSON, values in the place of others, headers, queries and paths."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.ids import uuid7

CANARY = "canary-4f1c"
"""Part of every hostile text; it must not be found in any log line."""
JSON_TYPE = "application/json"
DEEP = 100_000

RAW_BODIES: Mapping[str, bytes] = {
    "nothing": b"",
    "blank": b" \n\t ",
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "text": json.dumps(CANARY).encode(),
    "list": b"[]",
    "list of objects": b"[{}]",
    "100,000 open brackets": b"[" * DEEP,
    "100,000 closed brackets": b"[" * DEEP + b"]" * DEEP,
    "100,000 nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "brackets below a field": b'{"name":' + b"[" * 500 + b"]" * 500 + b"}",
    "NaN": b'{"seq": NaN}',
    "Infinity": b'{"seq": Infinity}',
    "minus Infinity": b'{"seq": -Infinity}',
    "number out of range": b'{"seq": 1e999}',
    "number of 100,000 digits": b'{"seq": ' + b"9" * DEEP + b"}",
    "duplicate keys": b'{"name": "a", "name": "b"}',
    "NUL in a value": b'{"name": "a\\u0000b"}',
    "NUL in a key": b'{"na\\u0000me": "a"}',
    "raw NUL": b'{"name": "a\x00b"}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "lone surrogate in a key": b'{"\\udfff": 1}',
    "5 MB": b'{"name": "' + b"a" * 5_000_000 + b'"}',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}x",
    "trailing garbage": b"{} {}",
    "single quotes": b"{'name': 'a'}",
    "comment": b'{"name": "a" /* no */}',
    "10,000 unknown fields": json.dumps({f"{CANARY}-{n}": n for n in range(10_000)}).encode(),
    "prototype": b'{"__proto__": {"admin": true}, "constructor": 1}',
    "gzip that is none": b"\x1f\x8b\x08\x00garbage",
}

CONTENT_TYPES = (
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
    "application/json-patch", f"{CANARY}", "a" * 2_000,
)  # fmt: skip

HOSTILE_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**31, 2**63, 10**40, 1e308, [], {}, [[]], {"$ne": None}, [None], "", " ", "0", "NaN",
    CANARY, f"{CANARY}\r\nX-Injected: 1", f"<script>{CANARY}</script>", f"'; DROP TABLE users; -- {CANARY}",
    f"../../{CANARY}", f"%00{CANARY}", f"${{jndi:ldap://{CANARY}}}", f"{{{{7*7}}}}{CANARY}", f"\u202e{CANARY}\u2066",
    f"\u0430dmin{CANARY}", f"\ufeff\u200b{CANARY}", f"{CANARY}\x07\x1b[2J", "e\u0301" * 3_000, "\U0001f642" * 5_000,
    "a" * 100_000, "00000000-0000-0000-0000-000000000000", "9999-99-99", "0001-01-01", f"{CANARY}@[127.0.0.1]",
)  # fmt: skip

HEADERS: Mapping[str, tuple[str, ...]] = {
    "HTTP_X_REQUEST_ID": (f"{CANARY}\r\nX-Injected: 1", "a" * 100_000, "\u00ff\u00fe", "", "{}", "a b"),
    "HTTP_TRACEPARENT": ("garbage", "00-" + "0" * 500, "\r\n"),
    "HTTP_X_DUET_DEADLINE_MS": ("-1", "9" * 50, "1e9", "\u00b2", "0", "garbage"),
    "HTTP_X_DUET_IDENTITY": ("garbage", "a.b.c", "\u00ff", "a" * 100_000, "e30.e30.", "null"),
    "HTTP_AUTHORIZATION": (f"Bearer {CANARY}", "Bearer", "Basic Og==", "Bearer \u00ff", "a" * 100_000, "Bearer a.b.c"),
    "HTTP_COOKIE": (f"duet_session={CANARY}", "duet_session=\u00ff", ";;;=;", "a=" * 20_000, '="\\"'),
    "HTTP_X_FORWARDED_FOR": (CANARY, "," * 10_000, "::1%\r\n", "999.999.999.999"),
    "HTTP_HOST": (f"{CANARY}.example", "[::1", "a" * 5_000, "\u00ff"),
    "HTTP_ORIGIN": ("null", f"https://{CANARY}.example", "http://[", "\u00ff"),
    "HTTP_ACCEPT": ("a" * 10_000, "*/*;q=\u00ff", ";"),
    "HTTP_IF_NONE_MATCH": ('"', "W/", "\u00ff"),
    "HTTP_RANGE": ("bytes=-1", "bytes=9-1", "garbage"),
    "HTTP_LAST_EVENT_ID": (CANARY, "-1", "9" * 100, "\u00ff"),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("DELETE",),
}
"""WSGI names: a test client refuses to send most of these, a server or proxy may let them through."""

QUERY_VALUES = (
    "", "-1", "0", "101", "1.5", "9" * 30, str(2**31), str(2**63), "NaN", "true", "%00", "%ff", "%ed%a0%80",
    "%0d%0aX:1", CANARY,
    "a" * 20_000, "%25%2527--", "[]", "null", "\u0661",
)  # fmt: skip
RAW_QUERIES = (
    "&&&",
    "=",
    "a",
    "%",
    "%zz",
    "limit=1&limit=2",
    "limit[]=1",
    "__proto__=1",
    f"x={CANARY}",
    "a=b&" * 5_000,
)

PATH_SEGMENTS = (
    "..", "%2e%2e", ".", "%2f", "%5c", "%00", "%ff", "%0d%0a", "*", "%3f", "null", "-1", "a" * 2_000, CANARY, "{}",
    "00000000-0000-0000-0000-000000000000", "0199a3c4-5e00-4000-8000-000000000000",
    "0199A3C4-5E00-7C85-899D-FE4D36810EED", "0199a3c4-5e00-7c85-899d-fe4d36810eed%20",
    "0199a3c45e007c85899dfe4d36810eed", ";a=b", "\u0430",
)  # fmt: skip


def plausible(schema: Mapping[str, Any], document: Mapping[str, Any], known: Mapping[str, Any], name: str = "") -> Any:
    """A value that fits an OpenAPI schema; fields named in `known` take the value from there."""
    if name in known:
        return known[name]
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for choice in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        return plausible(choice, document, known, name)
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else next(one for one in kinds if one != "null")
    if schema.get("enum"):
        return schema["enum"][0]
    if kind == "object":
        return {
            field: plausible(inner, document, known, field) for field, inner in schema.get("properties", {}).items()
        }
    if kind == "array":
        return [plausible(schema["items"], document, known, name)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    by_format = {"uuid": str(uuid7()), "email": "somebody@example.com", "date": "1990-05-17"}
    return by_format.get(schema.get("format", ""), "x" * max(12, schema.get("minLength", 0)))


def mutations(body: Any) -> Iterator[tuple[str, Any]]:
    """Each place of the body with each hostile value, one at a time, and each field left out."""
    for path in _places(body):
        for value in HOSTILE_VALUES:
            yield f"{path} = {value!r:.40}", _replaced(body, path, value)
        yield f"{path} left out", _replaced(body, path, _LEFT_OUT)
    yield "unknown field", {**body, "unknown": CANARY} if isinstance(body, dict) else body


_LEFT_OUT = object()


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from _places(part, (*path, key))


def _replaced(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if value is _LEFT_OUT:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed
