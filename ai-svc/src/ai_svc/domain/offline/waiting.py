"""Which of the user's messages wants an answer, and what it wants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ai_svc.domain.conversation import ContextMessage, Kind
from ai_svc.domain.offline.intents import intent_of
from ai_svc.domain.offline.wording import plain

MEDIA: Mapping[str, Kind] = {"ask_photo": "image", "ask_video": "video", "ask_voice": "voice"}
URGENT = ("self_harm", "underage")
_WEAK = ("nudge", "emoji", "gibberish", "greeting", "small_talk", "laugh", "surprise", "yes", "no")
_BY_INTENT_ONLY = (*MEDIA, *URGENT, "explicit", "insult", "injection", "other_language", "are_you_real")
_SAFER = re.compile(
    r"\b(?:i(?:'ve| have)? (?:called|talked to|told|reached)|(?:is|are) (?:here )?with me|i'm safe|not alone"
    r"|on (?:his|her|their) way)\b"
)


def to_answer(messages: Sequence[ContextMessage]) -> tuple[ContextMessage, str]:
    """The message to answer and its intent; of several in a row the most telling one."""
    last_of_hers = max((place for place, message in enumerate(messages) if message.sender == "ai"), default=-1)
    waiting = [message for message in messages[last_of_hers + 1 :] if message.sender == "user"][-5:]
    if not waiting:
        waiting = [message for message in messages if message.sender == "user"][-1:]
    if not waiting:
        return ContextMessage("user", "text", ""), "greeting"
    read = [(message, _intent(message)) for message in waiting]
    urgent = [pair for pair in read if pair[1] in URGENT] or [pair for pair in read if pair[1] in MEDIA]
    telling = urgent or [pair for pair in read if pair[1] not in _WEAK] or read
    message, intent = telling[-1]
    earlier = [words_of(old) for old in messages if old.sender == "user"][-4:-1]
    calm = intent in _WEAK or intent.startswith(("feeling_", "topic_", "ask_"))
    if calm and any(intent_of(words) == "self_harm" for words in earlier if words):
        return message, "self_harm_safer" if _SAFER.search(plain(words_of(message))) else "self_harm_after"
    return message, intent


def _intent(message: ContextMessage) -> str:
    words = words_of(message)
    intent = intent_of(words) if words.strip() else None
    if intent and (message.kind in ("text", "voice") or intent in _BY_INTENT_ONLY):
        return intent
    return "nudge" if message.kind == "text" else f"user_{message.kind}"


def words_of(message: ContextMessage) -> str:
    """What the user wrote and said in one message."""
    return " ".join(part for part in (message.text, message.transcript) if part)
