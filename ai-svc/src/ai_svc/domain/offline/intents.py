"""What the user wants with a message: one intent per text, the most urgent one first."""

from __future__ import annotations

import re

from ai_svc.domain.offline.facts import told_name
from ai_svc.domain.offline.intent_rules import ABOUT_BOTH, ABOUT_HER, KINDNESS, PARTINGS, SOCIAL_REQUESTS
from ai_svc.domain.offline.intent_rules_short import LATE, SHORT
from ai_svc.domain.offline.languages import language_of
from ai_svc.domain.offline.requests import asked_media
from ai_svc.domain.offline.safety import is_injection, is_insult, is_underage, too_explicit, wants_to_die
from ai_svc.domain.offline.subjects import feeling_of, subject_of
from ai_svc.domain.offline.wording import content_words, plain, words

LONG_TEXT = 500

_ASSENT_TEXT = """
absolutely definitely certainly totally exactly course guess agree agreed right problem idea deal perfect fair sense
doubt disagree correct true indeed gladly alright sounds dunno great nice cool believe obviously thing
nope neither never yup
"""
_ASSENT = frozenset(_ASSENT_TEXT.split())
_QUESTION = re.compile(
    r"\?\s*\W*$|^(?:who|what|when|where|why|how|which|whose|can|could|do|does|did|is|are|will|would|"
    r"have|has|should)\b.+"
)


def _compiled(rules: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((intent, re.compile(pattern)) for intent, pattern in rules)


_EARLY_RULES = _compiled(ABOUT_BOTH)
_MIDDLE_RULES = _compiled(SOCIAL_REQUESTS + ABOUT_HER + PARTINGS)
_KIND_RULES = _compiled(KINDNESS)
_SHORT_RULES = _compiled(SHORT)
_LATE_RULES = _compiled(LATE)


def intent_of(text: str) -> str:
    """The intent of a user's text, `small_talk` where nothing more special is found."""
    low = plain(text)
    if wants_to_die(low):
        return "self_harm"
    if is_underage(low):
        return "underage"
    if form := _form(text, low):
        return form
    if is_injection(low):
        return "injection"
    media = asked_media(low)
    if too_explicit(low):
        return "insult" if is_insult(low) else "explicit"
    if media:
        return f"ask_{media}"
    if intent := _first(_EARLY_RULES, low):
        return intent
    if is_insult(low):
        return "insult"
    if told_name(text):
        return "name_told"
    return _talk(low)


def _form(text: str, low: str) -> str | None:
    """Intents that the mere form of a text gives away."""
    if not any(sign.isalnum() for sign in text):
        return (
            "emoji"
            if any(ord(sign) > 0x2000 and not sign.isspace() and sign not in "…“”‘’—–" for sign in text)
            else "nudge"
        )
    if len(text) > LONG_TEXT:
        return "long_text"
    if language_of(text) != "en":
        return "other_language"
    return "gibberish" if _is_gibberish(low) else None


def _talk(low: str) -> str:
    if intent := _first(_MIDDLE_RULES, low):
        return intent
    if feeling := feeling_of(low):
        return f"feeling_{feeling}"
    found = _first(_KIND_RULES, low) or _first(_SHORT_RULES, low) or _first(_LATE_RULES, low)
    if found in ("yes", "no") and set(content_words(low)) - _ASSENT:
        found = _first(_LATE_RULES, low)
    if found:
        return found
    if subject := subject_of(low):
        return f"topic_{subject}"
    return "question" if _QUESTION.search(low) else "small_talk"


def _first(rules: tuple[tuple[str, re.Pattern[str]], ...], low: str) -> str | None:
    return next((intent for intent, pattern in rules if pattern.search(low)), None)


def _is_gibberish(low: str) -> bool:
    found = [word for word in words(low) if not word.isdigit()]
    if not found:
        return False
    odd = [word for word in found if _is_mash(word)]
    return len(odd) * 2 > len(found) and max(len(word) for word in odd) > 3


def _is_mash(word: str) -> bool:
    if re.fullmatch(r"(?:ha|he|hi|ho|lo|la|mm|hm|br|gr|sh|ps|zz|u+gh|a+h|o+h|a+w|y+e+s|n+o+)+[a-z]{0,3}", word):
        return False
    if re.search(r"asdf|sdfg|qwer|wert|zxcv|xcvb|hjkl|jkl|dfgh|fghj|uiop|yxcv|(.)\1{4,}", word):
        return True
    if not word.isascii() or len(word) < 4:
        return False
    vowels = sum(sign in "aeiouy" for sign in word)
    return (
        vowels == 0
        or (len(word) > 6 and vowels / len(word) < 0.15)
        or bool(re.search(r"[bcdfghjklmnpqrstvwxz]{6,}", word))
    )
