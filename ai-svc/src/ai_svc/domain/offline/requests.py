"""Requests for a photo, a video or a voice note: whether there is one, and what it should show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from ai_svc.domain.offline.reflection import her_side
from ai_svc.domain.offline.wording import STOPWORDS, words

Media = Literal["photo", "video", "voice"]

_NOUNS: Mapping[Media, str] = {
    "video": r"(?:videos?|clips?|vids?|footage|reels?)",
    "voice": (
        r"(?:voice ?(?:notes?|messages?|memos?|msgs?|mails?|clips?|recordings?)?|audios?(?: (?:note|"
        r"message|clip)s?)?|recordings?)"
    ),
    "photo": r"(?:photos?|photographs?|pics?|pictures?|selfies?|images?|snaps?|snapshots?|portraits?)",
}
_ASK = (
    r"(?:send|sent|show|share|give|take|make|record|post|drop|get|see|have|hear|want|need|love|like|"
    r"let me|can i|could i|may i|got|any"
    r"|more|another|one|how about|what about|please|leave|do you have|film|shoot|new)"
)
_FROM_USER = re.compile(
    r"\bi(?:'m|'ve|'ll|'d| will| have| am| can| could| would)?(?: just| also| already| really| going "
    r"to| gonna| want to)* "
    r"(?:sent|send|sending|took|take|taking|posted|make|made|making|uploaded|edited|edit|watched|"
    r"watching|saw|shot|shooting|filmed|like taking|love taking|recorded|found|show you|showed)\b"
    r"|\bi (?:really |just )?(?:like|love|liked|loved|adore) (?:your|that|the|this) (?:\w+ )?(?:voice|"
    r"photo|pic|picture|video|selfie)s?\b"
    r"|\bmy (?:\w+ )?(?:photos?|pics?|pictures?|selfies?|videos?|voice)\b|\b(?:this|that|the) "
    r"(?:photo|pic|picture|video|clip) (?:i|is|was|looks|made|came|turned|of me|of my)\b|\bvideo "
    r"?(?:games?|calls?|store|editing|chat)\b"
    r"|\b(?:your|that|the|last|nice|great|beautiful|lovely) (?:photos?|pics?|pictures?|videos?|voice|"
    r"voice note) (?:is|was|are|were|made|looks?|sounds?)\b"
)
_WITHOUT_NOUN: Mapping[Media, re.Pattern[str]] = {
    "video": re.compile(
        r"\b(?:show me|let me see) (?:how|you) (?:you )?(?:danc|mov|walk|surf|play|cook|climb|paint|work|"
        r"laugh)\w*|\bfilm (?:yourself|it for me|something)\b"
    ),
    "voice": re.compile(
        r"\b(?:hear|listen to) (?:you\b(?: |$|[.?!])|your (?:sweet |lovely |beautiful )?voice)|\bwhat "
        r"(?:do|does) (?:you|your voice) sound like\b|\bhow do you sound\b|\b(?:say|read|tell) (?:it|that|"
        r"this|something) (?:out loud|aloud|to me out loud)\b"
        r"|\bsing (?:for |to )?(?:me|something|a song|us)\b|\bcan you sing\b|\bwhisper\b"
    ),
    "photo": re.compile(
        r"\bwhat do you look like\b|\b(?:can|could|may|let|wanna|want to|love to|like to) (?:i |me )?see "
        r"(?:you|your (?:face|smile|place|room|view|outfit|dog|cat|kitchen|studio|workshop|garden))\b|"
        r"\bshow (?:me )?(?:yourself|your (?:face|smile|outfit|place|room|view|dress|garden|dog|cat|"
        r"kitchen|studio|painting|latest)|what you(?:'re| are) (?:wearing|looking|seeing|doing|cooking|"
        r"eating)|how you look|the view|where you are)\b"
    ),
}
_SUBJECT = re.compile(
    r"\b(?:photos?|photographs?|pics?|pictures?|selfies?|images?|snaps?|videos?|clips?|vids?|voice "
    r"?(?:note|message)s?|audio)\s+"
    r"((?:of|from|at|in|on|with|by|wearing|about|while|where you(?:'re| are)?|saying|with "
    r"you)\s+[^.?!,;]{3,60})"
)
_SHOWN = re.compile(r"\b(?:show me|let me see|see|sing(?: for)? me|hear)\s+((?:your?|the|a|some|how)\s+[^.?!,;]{3,50})")
_POLITE = re.compile(
    r"\b(?:please|for me|right now|now|today|tonight|if you can|if you want|babe|baby|sweetie|love|"
    r"darling|then|haha|lol|some ?time|one day|again|too)\b"
)
_NOT_A_TAG_TEXT = """
photo photos photograph pic pics picture pictures image images snap snaps snapshot portrait video videos clip clips vid
footage reel voice note notes message messages memo audio record recording recorded share sharing want love another babe
baby sweetie darling dear sexy pretty nice cute beautiful lovely wear wearing show shown showing send sending film hear
whisper sing say saying sweet something yourself current currently favourite favorite best today tonight just want wanna
"""
_NOT_A_TAG = frozenset(_NOT_A_TAG_TEXT.split()) | STOPWORDS


def asked_media(low: str) -> Media | None:
    """The kind of media that a normalised text asks for, or None; the one named first counts."""
    if not _FROM_USER.search(low):
        named: list[tuple[int, Media]] = []
        for media, noun in _NOUNS.items():
            if hit := re.search(rf"\b{noun}\b", low):
                asked = re.search(rf"\b{_ASK}\b.*\b{noun}\b|\b{noun}\b.*\b(?:please|of you|for me)\b", low)
                if asked or re.fullmatch(rf"(?:a |your |some )?(?:\w+ )?{noun}[ ?!.]*", low):
                    named.append((hit.start(), media))
        if named:
            return min(named)[1]
        return next((media for media, pattern in _WITHOUT_NOUN.items() if pattern.search(low)), None)
    return None


def wanted(low: str) -> str | None:
    """What the media should show, from her side ("me at the beach"), or None where it was left open."""
    hit = _SUBJECT.search(low)
    phrase = hit[1] if hit else ""
    if not hit and (shown := _SHOWN.search(low)):
        phrase = shown[1]
    phrase = re.sub(r"\s+", " ", _POLITE.sub("", phrase)).strip()
    phrase = re.sub(r"^(?:of|about|saying)\s+", "", phrase)
    phrase = her_side(re.sub(r"^where you(?:'re| are)?\s+", "you ", phrase))
    if re.match(r"(?:in|at|on|with|from|wearing|by|while) ", phrase):
        phrase = f"me {phrase}"
    if (
        not phrase
        or phrase in ("me", "my face", "my voice")
        or len(phrase) > 60
        or not re.fullmatch(r"[\w' -]+", phrase)
    ):
        return None
    return phrase if not re.search(r"\b(?:photo|pic|picture|video|url|link)s?\b", phrase) else None


def tags_of(low: str) -> tuple[str, ...]:
    """At most 3 words that say what was asked for."""
    found = [word.lower().removesuffix("'s") for word in words(low)]
    tags = [word for word in found if len(word) > 2 and word.isalpha() and word not in _NOT_A_TAG]
    return tuple(dict.fromkeys(tags))[:3]
