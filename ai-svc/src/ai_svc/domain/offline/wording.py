"""Plain text work for the offline companion: normalising, splitting, and the words that carry no content."""

from __future__ import annotations

import re

_SPELLINGS = (
    (r"\bim\b", "i'm"),
    (r"\bive\b", "i've"),
    (r"\bdont\b", "don't"),
    (r"\bcant\b", "can't"),
    (r"\bwhats\b", "what's"),
    (r"\bhows\b", "how's"),
    (r"\bwheres\b", "where's"),
    (r"\bdidnt\b", "didn't"),
    (r"\bisnt\b", "isn't"),
    (r"\bthats\b", "that's"),
    (r"\byoure\b", "you're"),
    (r"\bu\b", "you"),
    (r"\bur\b", "your"),
    (r"\br\b", "are"),
    (r"\bpls\b|\bplz\b", "please"),
    (r"\bthx\b", "thanks"),
    (r"\bgonna\b", "going to"),
    (r"\bi am\b", "i'm"),
)

_STOPWORDS_TEXT = """
a about above after again against ain't all almost alone along already also although always am among an and another
any anybody anyone anything are aren't around as ask asked at away back be became because been before being best
better between big both but by came can can't cannot come could couldn't day did didn't do does doesn't doing don't
done down each either else enough even ever every everybody everyone everything far feel feeling feels felt few find
first for from front gave get gets getting give given go goes going gone gonna good got gotta great had hadn't haha
happen happened has hasn't have haven't having he he's hello her here here's hers hey hi him himself his hmm how
how's however i i'd i'll i'm i've if in instead into is isn't it it's its itself just keep kind knew know known last
later least left less let let's like liked little lol long look looking looks lot lots made make makes making many
maybe me mean might mine minute moment more most much must my myself need needs never new next nice no nobody none
nor not nothing now of off often oh ok okay on once one only or other others our ours ourselves out over own perhaps
please pretty put quite rather really right said same saw say says see seem seems seen send she she's should
shouldn't show since so some somebody somehow someone something sometimes somewhere soon sort still stuff such sure
take taken takes taking talk tell than thank thanks that that's the their theirs them themselves then there there's
these they they're thing things think thinking this those though thought through time to today together told
tomorrow tonight too took tried try trying two under until up upon us use used very wait wanna want wanted wants was
wasn't way we we'll we're we've week well went were weren't what what's whatever when where which while who who's
whole whom whose why will wish with without won't word work would wouldn't yeah year years yes yesterday yet you
you'd you'll you're you've your yours yourself
"""
STOPWORDS = frozenset(_STOPWORDS_TEXT.split())

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def plain(text: str) -> str:
    """The text for matching: lower case, straight apostrophes, single spaces, chat spellings written out."""
    text = re.sub(r"\s+", " ", text.lower().replace("’", "'").replace("‘", "'")).strip()
    for spelling, meant in _SPELLINGS:
        text = re.sub(spelling, meant, text)
    return text


def words(text: str) -> list[str]:
    """The words of a text as they are written."""
    return _WORD.findall(text)


def content_words(text: str) -> list[str]:
    """The words of a text that tell what it is about, in lower case, in order, each once."""
    found = (word.lower().replace("’", "'") for word in words(text))
    return list(dict.fromkeys(word for word in found if len(word) > 3 and word not in STOPWORDS))


def sentences(text: str) -> list[str]:
    """The sentences of a text, trimmed, without their final marks."""
    parts = re.split(r"(?<=[.!?…])\s+|\n+", text)
    return [part for part in (piece.strip(" .!?…,;:-\t") for piece in parts) if part]


def capitalised(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
