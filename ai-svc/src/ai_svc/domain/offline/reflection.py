"""Turns what the user said into something the companion can say back: flipped clauses, things, quotations."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ai_svc.domain.offline.wording import STOPWORDS, content_words, sentences, words

_FLIPS: Mapping[str, str] = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "am": "are",
    "i'm": "you're",
    "i've": "you've",
    "i'd": "you'd",
    "i'll": "you'll",
    "we": "you",
    "us": "you",
    "our": "your",
    "ours": "yours",
    "we're": "you're",
    "we've": "you've",
    "we'll": "you'll",
    "we'd": "you'd",
    "ourselves": "yourselves",
}
_SPEAKERS = ("i", "i'm", "i've", "i'd", "i'll", "my", "we", "we're", "we've")
_NOT_REPEATABLE = re.compile(
    r"\byou\b|\byour|[?\"“”()\[\]{}<>*_#/]|\bi (?:mean|guess|think|wonder|want you|don't know)\b", re.IGNORECASE
)
_TO_HER: Mapping[str, str] = {
    "you": "me",
    "your": "my",
    "yours": "mine",
    "yourself": "myself",
    "you're": "I'm",
    "me": "you",
    "my": "your",
}
_PAST: Mapping[str, str] = {"was": "were", "wasn't": "weren't"}
_FILLERS = re.compile(
    (
        r"^(?:(?:well|so|hey|hi|hello|oh|ah|ugh|wow|yeah|yes|no|nah|ok|okay|honestly|actually|and|but|"
        r"because|also|anyway|today"
        r"|lol|haha|hmm|sorry|look|listen|guess what|you know|to be honest|tbh|finally|sometimes|right "
        r"now|basically)\b[,.! ]*)+"
    ),
    re.IGNORECASE,
)
_TAIL = re.compile(
    (
        r"[, ]+(?:lol|haha+|right now|at the moment|you know|though|right|i guess|i think|today|now|too|"
        r"as well|tbh|xd|:\)|:\()$"
    ),
    re.IGNORECASE,
)
_BREAK = re.compile(
    r",|;|:| - | – | — |\b(?:because|but|and|so|which|while|although|since|or|cause|cuz"
    r"|und|aber|weil|y|pero|et|mais|ma|perché|mas|porque|и|но)\b",
    re.IGNORECASE,
)
_NOT_REPEATABLE = re.compile(
    r"\byou\b|\byour|[?\"“”()\[\]{}<>*_#/]|\bi (?:mean|guess|think|wonder|want you|don't know)\b", re.IGNORECASE
)
_DETERMINERS: Mapping[str, str] = {
    "my": "your",
    "our": "your",
    "this": "that",
    "that": "that",
    "the": "the",
    "a": "that",
    "an": "that",
    "his": "his",
    "their": "their",
    "these": "those",
    "some": "that",
}
_VAGUE_TEXT = """
afternoon best bit chance couple day days end evening fact few first fuck guy hell hour hours idea kind last lot
middle minute moment month months morning most name night one other part people person point reason rest same second
side sort thing things time truth way week weeks while world year years
"""
_VAGUE = frozenset(_VAGUE_TEXT.split())
_NOT_IN_A_THING_TEXT = """
about after again also always and are as at because before broke but by called calls came can comes could did didn't
died do does doesn't don't down drives driving feels felt for from gave get gets gives goes got had has hates have
he him hurt hurts i if in into is isn't it just keep keeps kept left likes looked looks lost loves made make makes
me needs never not now of on or out over ran really runs said says seems sent she should so started starts still
stopped takes than that them then they thinks to today told tomorrow tonight took under up us very wants was wasn't
we went were when where which while who will with without won would yesterday you
"""
_NOT_IN_A_THING = frozenset(_NOT_IN_A_THING_TEXT.split())


def clause(text: str) -> str | None:
    """A clause that the user said about themself, in the second person ("you had a rough day"), or None."""
    for sentence in sentences(text):
        said = _FILLERS.sub("", sentence.replace("’", "'")).strip()
        head = said.split(",", 1)[0]
        said = _TAIL.sub("", head if len(words(head)) >= 3 else said)
        if len(words(said)) > 11:
            cut = next(
                (hit.start() for hit in _BREAK.finditer(said) if 3 <= len(words(said[: hit.start()])) <= 11), None
            )
            said = said[:cut].strip(" ,;:-") if cut else ""
        speaks = said.split(" ", 1)[0].lower() in _SPEAKERS
        if not speaks or not 3 <= len(words(said)) <= 11 or _NOT_REPEATABLE.search(said):
            continue
        return flipped(said)
    return None


def flipped(said: str) -> str:
    """The words of the user about themself, in the second person."""
    turned: list[str] = []
    for token in said.split(" "):
        core = token.strip(",;:.!?").lower()
        new = _FLIPS.get(core, token)
        if core in _PAST and turned and turned[-1] == "you":
            new = _PAST[core]
        elif new is not token:
            new += token[len(token.rstrip(",;:.!?")) :]
        turned.append(new)
    # "me and my brother" is the one case in which "you" must not be followed by the verb of a third person.
    return " ".join(turned)


def her_side(phrase: str) -> str:
    """A phrase that speaks of her ("you at the beach"), from her side ("me at the beach")."""
    turned = [_TO_HER.get(token.lower().strip(",.!?"), token) for token in phrase.split(" ")]
    return " ".join(turned).strip(" ,.!?")


def thing(text: str) -> str | None:
    """Something the user spoke of, as a noun phrase that fits into any sentence ("your boss"), or None."""
    tokens = [word.replace("’", "'") for word in words(text)]
    found: list[tuple[int, str]] = []
    for place, token in enumerate(tokens[:-1]):
        determiner = _DETERMINERS.get(token.lower())
        if determiner is None or (
            place and tokens[place - 1].lower() in ("all", "not", "is", "was", "that's", "as", "like", "i'm", "am")
        ):
            continue
        phrase: list[str] = []
        for word in tokens[place + 1 : place + 4]:
            low = word.lower()
            if low in _NOT_IN_A_THING or (phrase and re.search(r"(?:ed|ing|ly)$|n't$", low)):
                break
            phrase.append(word if word[:1].isupper() and low != "i" else low)
        if not phrase or phrase[-1].lower() in _VAGUE | STOPWORDS or len(phrase[-1]) < 3 or phrase[-1].endswith("'s"):
            continue
        if determiner == "that" and token.lower() == "some" and phrase[-1].endswith("s"):
            determiner = "those"
        weight = (3 if determiner == "your" else 1) + len(phrase[-1]) / 10
        found.append((int(weight * 10), f"{determiner} {' '.join(phrase)}"))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def quote(text: str, limit: int = 9, about: str = "") -> str | None:
    """A short piece of what the user said, rather one with the word `about`; None where nothing is worth repeating."""
    best: tuple[int, str] | None = None
    for sentence in sentences(text):
        said = _TAIL.sub("", _FILLERS.sub("", sentence)).strip(" \"“”'")
        for piece in (said, *(part.strip() for part in _BREAK.split(said))):
            count = len(words(piece))
            weight = len(content_words(piece))
            if 1 <= count <= limit and weight and re.fullmatch(r"[\w\s,'’&-]+", piece) and len(piece) <= 60:
                score = weight * 10 + count + (25 if about and about in piece.lower() else 0)
                best = max(best, (score, piece)) if best else (score, piece)
    return best[1] if best else None
