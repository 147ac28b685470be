"""Object keys: made by the server only, and read back to the upload they belong to. A key is never a capability."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

LONGEST_KEY = 200
_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY = re.compile(
    rf"(?P<area>chat|avatars|companions|companion-media)/(?P<scope>{_ID})/(?P<upload>{_ID})/(?P<name>[a-z0-9]+\.[a-z0-9]+)",
    re.ASCII,
)
_INCOMING = re.compile(rf"incoming/(?P<upload>{_ID})", re.ASCII)
AREAS = {
    "chat": "chat",
    "avatar": "avatars",
    "companion_profile": "companions",
    "companion_background": "companions",
    "companion_media": "companion-media",
}


@dataclass(frozen=True)
class Key:
    """A final key, taken apart. `scope`: the conversation, user or companion that it lies under."""

    area: str
    scope: UUID
    upload_id: UUID
    name: str


def incoming_key(upload_id: UUID) -> str:
    """Where a client puts its bytes."""
    return f"incoming/{upload_id}"


def final_prefix(purpose: str, scope: UUID, upload_id: UUID) -> str:
    """The folder of everything that is made of one upload. `scope`: conversation, owner (avatar) or companion id."""
    return f"{AREAS[purpose]}/{scope}/{upload_id}/"


def evidence_key(key: str) -> str:
    """Where a held object lies: under a prefix that no viewer's key has."""
    return f"evidence/{key}"


def read_key(text: str) -> Key | None:
    """The final key that `text` is, or None for anything else: `*`, `../`, encoded, too long, another prefix."""
    found = _KEY.fullmatch(text) if len(text) <= LONGEST_KEY else None
    if found is None:
        return None
    return Key(found["area"], UUID(found["scope"]), UUID(found["upload"]), found["name"])


def is_stored(text: str) -> bool:
    """Whether `text` has the shape of a key under which anything of ours lies: incoming, final or evidence."""
    bare = text.removeprefix("evidence/")
    return read_key(bare) is not None or _INCOMING.fullmatch(bare) is not None


def upload_of(text: str) -> UUID | None:
    """The upload whose object lies at a key of any shape; None for what is no key of ours."""
    bare = text.removeprefix("evidence/")
    incoming = _INCOMING.fullmatch(bare)
    if incoming is not None:
        return UUID(incoming["upload"])
    key = read_key(bare)
    return key.upload_id if key is not None else None
