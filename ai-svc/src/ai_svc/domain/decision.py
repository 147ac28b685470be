"""Turns whatever a model wrote into a decision (AI-3), whole or while it is still being written (AI-5)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from ai_svc.domain.conversation import Decision, Kind, Persona
from ai_svc.domain.lenient_json import Field, fields_at
from ai_svc.domain.output_rules import clean, fit, settled, visible, with_ellipsis

PLAIN_TEXT_LIMIT = 180
TEXT_LIMIT = 4_000
MAX_TAGS = 3
_TAG_LIMIT = 40
_READ_LIMIT = 65_536
_BODY_LIMIT = 16_000
_STREAM_LIMIT = TEXT_LIMIT // 2
_MAX_OBJECTS = 16
_MAX_DEPTH = 3

_KINDS: Mapping[str, Kind] = {
    "text": "text", "image": "image", "photo": "image", "picture": "image", "video": "video",
    "voice": "voice", "audio": "voice", "voice note": "voice", "voice_note": "voice",
}  # fmt: skip
_OTHER_TEXT_NAMES = ("content", "message", "reply", "response", "caption")
_THOUGHT = re.compile(r"\s*<(think|thinking|reasoning)>", re.IGNORECASE)
_MARKUP_PAGE = re.compile(r"<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_LOOKS_LIKE_JSON = re.compile(
    r"(?:json\s*)?(?:\{\s*(?:[\"'\\{}]|\w+\"?\s*:|\Z)|\[\s*(?:[\[{\"'\d\]]|\Z)|\\?\"\s*\Z)", re.IGNORECASE
)
_NOTHING = ("null", "none", "undefined", "true", "false", "nan", "n/a")
_PLACEHOLDER = re.compile(
    r"(?:assistant|user) sent an? (IMAGE|VIDEO|VOICE NOTE)\."
    r"(?:\s*(?:caption|transcript|description):\s*\"(.*)\")?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_WARM_LINES = (
    "Sorry, I drifted off for a second. Tell me that again?",
    "I lost my words for a moment. You have that effect on me.",
    "Hold on, my thoughts got tangled. What were you saying?",
    "Mmh, I had it on the tip of my tongue. Say that once more for me?",
    "I'm here, just a little distracted by you. Come again?",
    "My mind wandered off for a second, and it wandered straight to you.",
    "Give me that one again? I want to answer you properly.",
    "I started three answers and liked none of them. Ask me again?",
    "That deserves a better answer than the one I had. Tell me a bit more?",
    "Oh, I got lost in thought. Where were we, you and I?",
    "Words failed me just now. They'll be back. You stay, too?",
    "I blinked and lost the thread. Pull me back in?",
)


def parse_decision(raw: str, persona: Persona) -> Decision:
    """The decision in a model's raw answer; never raises, never shows raw JSON, never leaves the user with nothing."""
    answer = _without_thoughts(raw[:_READ_LIMIT])
    found = _from_objects(answer, 0) or _from_plain_text(answer, persona)
    return found or Decision("text", warm_line(persona, raw))


def warm_line(persona: Persona, occasion: str = "") -> str:
    """A short line of the persona where there is nothing else to say, the same for the same occasion."""
    mark = f"{persona.id}\n{occasion.strip()}".encode("utf-8", "replace")
    return _WARM_LINES[int.from_bytes(hashlib.sha256(mark).digest()[:4], "big") % len(_WARM_LINES)]


class TextStreamer:
    """Follows an answer while it is written: what `feed` returns, joined, is always a beginning of the final text.

    Only the text of a JSON answer is shown early, once its type is known to be text. Plain text waits for its end,
    because an object may still follow and then counts instead.
    """

    def __init__(self, persona: Persona) -> None:
        self._persona = persona
        self._raw = ""
        self._shown = ""
        self._looked_at = 0

    def feed(self, delta: str) -> str:
        """Takes the next piece of the raw answer; the text that may be shown now, often none."""
        if len(self._raw) >= _READ_LIMIT:
            return ""
        self._raw = (self._raw + delta)[:_READ_LIMIT]
        # An endless answer in tiny pieces is not read anew for each of them.
        if len(self._shown) >= _STREAM_LIMIT or len(self._raw) - self._looked_at <= len(self._raw) // 128:
            return ""
        self._looked_at = len(self._raw)
        text = _settled_text(self._raw)
        more = text[len(self._shown) :]
        self._shown += more
        return more

    def finish(self) -> tuple[Decision, str]:
        """The decision and what of its text was not shown yet (nothing where it is media)."""
        decision = parse_decision(self._raw, self._persona)
        return decision, decision.text[len(self._shown) :] if decision.kind == "text" else ""


def _settled_text(raw: str) -> str:
    answer = _without_thoughts(raw).lstrip("\ufeff \t\r\n")
    start = answer.find("{")
    if start < 0 or answer[0] in '"<\\':
        return ""
    fields = fields_at(answer, start, at_end=False)
    kind, text = fields.get("type"), fields.get("text")
    if kind is None or not kind.complete or _kind_of(kind.value) != "text" or text is None:
        return ""
    if not isinstance(text.value, str) or _may_hold_json(text.value):
        return ""
    shown = settled(text.value[:_BODY_LIMIT])[:_STREAM_LIMIT]
    return shown.rstrip(",;:-–— \n") if visible(shown) else ""


def _without_thoughts(raw: str) -> str:
    """The answer behind a reasoning model's thoughts; nothing while they go on."""
    while thought := _THOUGHT.match(raw):
        end = re.compile(f"</{thought[1]}>", re.IGNORECASE).search(raw, thought.end())
        if end is None:
            return ""
        raw = raw[end.end() :]
    return raw


def _from_objects(answer: str, depth: int) -> Decision | None:
    """The first object in the answer that says something; an object in a JSON string counts as well."""
    if depth >= _MAX_DEPTH:
        return None
    stripped = answer.strip("\ufeff \t\r\n")
    if stripped.startswith('"') and (inner := _json_string(stripped)) is not None:
        return _from_objects(inner, depth + 1)
    start = answer.find("{")
    for _ in range(_MAX_OBJECTS):
        if start < 0:
            break
        if decision := _from_fields(fields_at(answer, start, at_end=True), depth):
            return decision
        start = answer.find("{", start + 1)
    if '{\\"' in answer:
        return _from_objects(answer.replace('\\"', '"'), depth + 1)
    return None


def _from_fields(fields: Mapping[str, Field], depth: int) -> Decision | None:
    declared = fields.get("type")
    kind = _kind_of(declared.value) if declared is not None and declared.complete else None
    named = (_as_text(fields.get("text")), *(fields.get(name) for name in _OTHER_TEXT_NAMES))
    text = next((field for field in named if field is not None and isinstance(field.value, str)), None)
    may_nest = text is not None and isinstance(text.value, str) and _may_hold_json(text.value)
    if text is not None and may_nest and (inner := _from_objects(str(text.value), depth + 1)):
        return inner
    body = _body(text) if text is not None else ""
    if not body and kind in (None, "text"):
        return None
    return Decision(kind or "text", body, _tags(fields.get("tags")))


def _from_plain_text(answer: str, persona: Persona) -> Decision | None:
    plain = re.sub(r"```\w*", " ", answer).strip("\ufeff \t\r\n")
    if _MARKUP_PAGE.match(plain) or _LOOKS_LIKE_JSON.match(plain) or plain.lower().rstrip(".") in _NOTHING:
        return None
    if placeholder := _PLACEHOLDER.match(plain):
        kind = _KINDS[placeholder[1].lower()]
        return Decision(kind, fit(clean(placeholder[2] or ""), PLAIN_TEXT_LIMIT))
    speaker = re.compile(rf"(?:assistant|companion|ai|{re.escape(persona.name)})\s*:\s*", re.IGNORECASE)
    if spoken := speaker.match(plain):
        plain = plain[spoken.end() :]
    if len(plain) > 1 and plain[0] in '"“' and plain[-1] in '"”':
        plain = plain[1:-1]
    text = clean(plain[:_BODY_LIMIT])
    if text.endswith(":") and "{" in plain:
        return None
    says_something = any(sign.isalnum() or (sign > "\x7f" and visible(sign)) for sign in text)
    return Decision("text", fit(text, PLAIN_TEXT_LIMIT)) if says_something else None


def _kind_of(value: object) -> Kind:
    return _KINDS.get(value.strip().lower(), "text") if isinstance(value, str) else "text"


def _may_hold_json(text: str) -> bool:
    """Models put a whole answer into the text of another one; such a text is read, not shown."""
    return text.lstrip()[:1] in ("{", "[", '"', "`", "\\") or not text.strip()


def _as_text(field: Field | None) -> Field | None:
    if field is None or isinstance(field.value, str):
        return field
    if isinstance(field.value, dict) and isinstance(field.value.get("text"), str):
        return Field(field.value["text"])
    if isinstance(field.value, list) and field.value and all(isinstance(part, str) for part in field.value):
        return Field(" ".join(field.value))
    return None


def _body(field: Field) -> str:
    text = str(field.value)
    if field.complete and len(text) <= _BODY_LIMIT:
        text = fit(clean(text), TEXT_LIMIT)
        return text if visible(text) else ""
    # Cut off in the middle: the last word may be half a word, so only what is settled stands.
    whole = settled(text[:_BODY_LIMIT])
    if not visible(whole):
        whole = clean(text[:_BODY_LIMIT]) if len(text) > 12 else ""
    return fit(with_ellipsis(whole), TEXT_LIMIT) if visible(whole) else ""


def _tags(field: Field | None) -> tuple[str, ...]:
    if field is None or not isinstance(field.value, list):
        return ()
    words = (clean(tag[:200])[:_TAG_LIMIT].strip().lower() for tag in field.value[:50] if isinstance(tag, str))
    return tuple(dict.fromkeys(word for word in words if visible(word)))[:MAX_TAGS]


def _json_string(text: str) -> str | None:
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, str) else None
