"""Which asset a companion sends: by tags, not twice while others remain, by lot among the best (AI-4)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

BY_TAG = 2
"""What a requested tag counts that the asset is tagged with."""
BY_TEXT = 1
"""What a requested tag counts that only the asset's text speaks of."""
LONGEST_ACCOUNT = 20
"""So many of the best assets are named in the account of a choice."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Asset:
    """A published asset of the companion, of the wanted kind."""

    id: UUID
    text: str
    tags: Sequence[str]
    mature: bool


@dataclass(frozen=True)
class Choice:
    """`asset_id` None: there was none. `why`: an account for admins. `missed_tags`: those that no asset of the
    companion and kind answers to, mature and sent ones included: what is worth uploading."""

    asset_id: UUID | None
    why: dict[str, Any]
    missed_tags: list[str]


@dataclass(frozen=True)
class _Scored:
    asset: Asset
    score: int
    matched: list[str]


def choose(assets: Sequence[Asset], tags: Sequence[str], *, mature: bool, sent: Set[UUID], seed: UUID) -> Choice:
    """The asset for a reply. `mature`: whether the user opted in; `sent`: assets that this conversation has had;
    `seed`: the reply's id, which always draws the same from the same assets."""
    wanted = {folded(tag): " ".join(tag.casefold().split()) for tag in reversed(tags) if folded(tag)}
    wanted = dict(reversed(wanted.items()))
    scored = [_score(asset, wanted) for asset in sorted(assets, key=lambda one: one.id)]
    matched_somewhere = {tag for one in scored for tag in one.matched}
    missed = [tag for tag in wanted.values() if tag not in matched_somewhere]
    allowed = [one for one in scored if mature or not one.asset.mature]
    fresh = [one for one in allowed if one.asset.id not in sent]
    among = fresh or allowed
    best = max((one.score for one in among), default=0)
    tied = [one for one in among if one.score == best]
    chosen = tied[_draw(seed, len(tied))] if tied else None
    ranked = sorted(among, key=lambda one: (-one.score, one.asset.id))
    why = {
        "candidates": len(among),
        "best_score": best,
        "tied": len(tied),
        "matched_tags": chosen.matched if chosen else [],
        "scores": [
            {"asset_id": str(one.asset.id), "score": one.score, "matched_tags": one.matched}
            for one in ranked[:LONGEST_ACCOUNT]
        ],
        "excluded_as_sent": [str(one.asset.id) for one in allowed if fresh and one.asset.id in sent][:LONGEST_ACCOUNT],
        "excluded_as_mature": len(scored) - len(allowed),
        "repeated": bool(among) and not fresh,
    }
    return Choice(chosen.asset.id if chosen else None, why, missed)


def folded(text: str) -> str:
    """A tag as it is compared: without case, diacritics, punctuation and plural."""
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c)).replace("_", " ")
    # A tag of signs only, an emoji say, is compared as it is.
    return [_singular(word) for word in _WORD.findall(bare)] or bare.split()


def _singular(word: str) -> str:
    """The same for an English word and its plural; not always a word itself."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("ie"):
        return word[:-2] + "y"  # selfie, as selfies
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _score(asset: Asset, wanted: Mapping[str, str]) -> _Scored:
    by_tag = {word for tag in asset.tags for word in _words(tag)}
    by_text = by_tag | set(_words(asset.text))
    score, matched = 0, []
    for bare, tag in wanted.items():
        words = set(bare.split())
        if words <= by_text:
            matched.append(tag)
            score += BY_TAG if words <= by_tag else BY_TEXT
    return _Scored(asset, score, matched)


def _draw(seed: UUID, among: int) -> int:
    # Not `random`, whose draws may differ between versions of Python: a re-run must draw the same.
    return int.from_bytes(hashlib.sha256(seed.bytes).digest()) % among
