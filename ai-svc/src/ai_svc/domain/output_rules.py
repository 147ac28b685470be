"""Makes model text fit to be shown: no links, keys, markup, raw JSON or control characters (invariant 15).

Every rule works from left to right and looks only a bounded way ahead, so that `settled` can tell which beginning of
the cleaned text no continuation will change. The streamed reply rests on that.
"""

from __future__ import annotations

import re
import unicodedata

from ai_svc.domain.sensitive import first_hit

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\uffff"
    "\U000e0000-\U000e007f]"
)
_JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f]")

_IMAGE = r"!\[[^\[\]\n]{0,200}\]\([^()\n]{0,500}\)"
_LABEL = rf"(?:{_IMAGE}|[^\[\]\n]){{0,200}}"
_TARGET = r"(?:[^()\n]|\([^()\n]{0,200}\)){0,500}"
_LINK = re.compile(rf"(!?)\[({_LABEL})\]\({_TARGET}\)")
_OPEN_IMAGE = r"!(?:\[[^\[\]\n]{0,200}(?:\](?:\([^()\n]{0,500})?)?)?"
_LINK_MAY_FOLLOW = re.compile(
    rf"(?:!\Z|!?\[{_LABEL}(?:(?:{_OPEN_IMAGE})?\Z|\](?:\Z|\({_TARGET}(?:\([^()\n]{{0,200}})?\Z)))"
)
_UNCLOSED_LINK = re.compile(rf"(!?)\[({_LABEL})\]\({_TARGET}(?:\([^()\n]{{0,200}})?\Z")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>|<![^<>]{0,500}>")
_TAG_MAY_FOLLOW = re.compile(r"<(?:/?\Z|[/!]?[A-Za-z-][^<>]{0,500}\Z|!\Z)")
_UNCLOSED_TAG = re.compile(
    r"</?(?:a|img|script|iframe|div|p|span|video|audio|source|link|html|body)\b[^<>]{0,400}\Z", re.I
)
_JSON = re.compile(r"\{\s{0,20}\\?[\"“]|\{\s{0,20}'\w{1,20}'\s*:")
_JSON_MAY_FOLLOW = re.compile(r"\{\s{0,20}(?:\\|'\w{0,20}(?:'\s{0,20})?)?\Z")
_BEFORE_MARKUP = re.compile(r"\{\s{0,20}[\[!<]")
_SPECIAL = re.compile(r"!?\[|!\Z|<|\{")

_PIECE = re.compile(r"\s+|[^\s。！？、，]*[。！？、，]+|[^\s。！？、，]+")
_SENTENCE_END = ".!?…"
_DANGLING = ",;:-–— "


def clean(text: str) -> str:
    """The text as it may be shown; an empty string when nothing of it may."""
    return _without_sensitive_words(_without_markup(text, final=True), final=True)


def settled(text: str) -> str:
    """The longest beginning of the shown text that holds whatever is still written after `text`."""
    return _without_sensitive_words(_without_markup(text, final=False), final=False).rstrip(_DANGLING)


def fit(text: str, limit: int) -> str:
    """At most `limit` code points, cut after a word of the second half with an ellipsis where it is too long."""
    if len(text) <= limit:
        return text
    cut = max(text.rfind(" ", limit // 2, limit), text.rfind("\n", limit // 2, limit))
    return with_ellipsis(text[: cut if cut > 0 else limit - 1])


def with_ellipsis(text: str) -> str:
    """A cut text with its mark; a text that ends as a sentence needs none."""
    text = text.rstrip(_DANGLING + "\n")
    return text if text[-1:] in _SENTENCE_END else text + "…"


def visible(text: str) -> bool:
    """Whether a reader would see anything."""
    return any(sign.isprintable() and not sign.isspace() and not _JOINERS.match(sign) for sign in text)


def joined_pairs(text: str) -> str:
    """Surrogate pairs as the characters that they stand for, lone surrogates dropped."""
    text = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
    return _LONE.sub("", text)


def _without_markup(text: str, final: bool) -> str:
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", joined_pairs(text))).replace("\t", " ")
    shown: list[str] = []
    position = 0
    while True:
        special = _SPECIAL.search(text, position)
        if special is None:
            return "".join(shown) + text[position:]
        start = special.start()
        shown.append(text[position:start])
        if text[start] == "{":
            if _JSON.match(text, start) or _JSON_MAY_FOLLOW.match(text, start):
                return "".join(shown)
            if _BEFORE_MARKUP.match(text, start):
                position = start + 1
                continue
        elif text[start] == "<":
            if not final and _TAG_MAY_FOLLOW.match(text, start):
                return "".join(shown)
            if tag := _TAG.match(text, start) or (final and _UNCLOSED_TAG.match(text, start)) or None:
                position = tag.end()
                continue
        elif link := _LINK.match(text, start):
            shown.append("" if link[1] else _without_markup(re.sub(_IMAGE, "", link[2]), final=True))
            position = link.end()
            continue
        elif not final and _LINK_MAY_FOLLOW.match(text, start):
            return "".join(shown)
        elif final and (link := _UNCLOSED_LINK.match(text, start)):
            return "".join(shown) + ("" if link[1] else _without_markup(re.sub(_IMAGE, "", link[2]), final=True))
        shown.append(text[start])
        position = start + 1


def _without_sensitive_words(text: str, final: bool) -> str:
    pieces = _PIECE.findall(text)
    if not final and pieces and not pieces[-1].isspace():
        pieces.pop()
    shown = gap = ""
    for piece in pieces:
        if piece.isspace():
            gap = max(gap, "\n" * min(piece.count("\n"), 2) or " ", key=_weight)
            continue
        word = _safe_word(piece)
        if not word:
            continue
        if word != piece and all(sign in _SENTENCE_END for sign in word):
            shown += word if shown and shown[-1] not in _SENTENCE_END else ""
            continue
        shown += (gap if shown else "") + word
        gap = ""
    return shown


def _weight(gap: str) -> int:
    return len(gap) + gap.count("\n")


def _safe_word(word: str) -> str:
    """The word without what no AI message may hold; what only a look-alike spelling hides takes the word along."""
    removed = False
    for _ in range(8):
        hit = first_hit(word)
        if hit is None:
            bare = _JOINERS.sub("", word)
            if bare != word and first_hit(bare):
                word = bare
                continue
            folded = unicodedata.normalize("NFKC", bare)
            if folded != bare and first_hit(folded):
                return ""
            if removed and ("{" in word or not any(sign.isalnum() for sign in word)):
                return next((sign for sign in word if sign in _SENTENCE_END), "")
            return word
        found = hit.group()
        tail = found[len(found.rstrip(".,;:!?…'\")]}»”’*")) :]
        word, removed = word[: hit.start()] + tail + word[hit.end() :], True
    return ""
