"""How long media is kept, and what is to become of what has no counterpart (MEDIA-8, invariant 20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from media_svc.domain.keys import is_stored

UNUSED_FOR = timedelta(hours=24)
ORPHAN_AFTER = timedelta(hours=24)
"""Younger ones may belong to work that is under way."""
COLD_AFTER = timedelta(days=90)
TOMBSTONE_AFTER = timedelta(hours=1)
"""Beyond the end of its URL: a PUT that began in time may still be arriving."""

Fate = Literal["expected", "remove", "keep"]


@dataclass(frozen=True)
class Standing:
    """What an upload's row says of objects that may lie under its id."""

    status: str
    held: bool
    removed: bool
    tombstone: bool
    url_expires_at: datetime


def fate_of_object(key: str, upload: Standing | None, now: datetime) -> Fate:
    """What becomes of an old object that has no row of its own.

    `expected`: it has none by design. `keep`: nobody here may delete it (evidence, a foreign file), so it is told.
    """
    if key.startswith("evidence/") or not is_stored(key):
        return "keep"
    if upload is None:
        return "remove"
    if key.startswith("incoming/"):
        open_still = upload.status in ("uploading", "processing") and not upload.removed
        late = now < upload.url_expires_at + TOMBSTONE_AFTER
        return "expected" if open_still or late or upload.tombstone else "remove"
    if upload.removed:
        return "remove"
    if upload.held:
        return "keep"
    return "expected" if upload.status == "processing" else "remove"


def fate_of_row(evidence: bool, shown: bool, upload: Standing) -> Fate:
    """What becomes of an old row whose object is gone. `shown`: its upload's description names it.

    `keep`: something is lost that should be there; the row stays, as all that tells of it.
    """
    if evidence or upload.held:
        return "keep"
    if upload.removed or not shown:
        return "expected" if upload.status == "processing" and not upload.removed else "remove"
    return "keep"
