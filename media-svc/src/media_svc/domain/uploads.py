"""The rules of uploads: what may be announced, by whom, how many, and what may be done with one (MEDIA-1, MEDIA-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, TooLarge, UnsupportedType
from media_svc.domain.limits import ALIASES, COMPANION_CHAT, MEGABYTE, RULES, Rule
from media_svc.domain.media import ERROR_TEXTS, shown

URL_SECONDS = 900
"""How long an upload URL can be used (MEDIA-1)."""
UPLOADS_PER_HOUR = 200
OPEN_UPLOADS = 50
OF_COMPANIONS = frozenset({"companion_profile", "companion_background", "companion_media"})
BEFORE_COMPANIONS = frozenset({"companion_profile", "companion_background"})
"""What may be uploaded for a companion that is still to be made, and then names none."""
ENDED = frozenset({"completed", "blocked", "failed"})
CHAT_CACHE = "max-age=300, s-maxage=30"
"""Kept short, so that an edge asks again within 30 s whether it may still be seen (MEDIA-7)."""
_GIF = frozenset({"image/gif"})
_HEIC = frozenset({"image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"})


@dataclass(frozen=True)
class NewUpload:
    """What a user announces. `size` in bytes; `sha256`: 64 hex digits or None; `by_admin`: has the role admin."""

    owner_id: UUID
    by_admin: bool
    purpose: str
    conversation_id: UUID | None
    companion_id: UUID | None
    kind: str
    content_type: str
    size: int
    sha256: str | None = None


@dataclass(frozen=True)
class UploadState:
    """An upload as its row says; the meaning of the fields stands with the table."""

    id: UUID
    owner_id: UUID
    purpose: str
    conversation_id: UUID | None
    companion_id: UUID | None
    kind: str
    content_type: str
    size: int
    sha256_announced: str | None
    status: str
    error_code: str | None
    nsfw_flag: str
    media: Mapping[str, Any] | None
    price_tokens: int | None
    used_by: UUID | None
    message_id: UUID | None
    held: bool
    removed_at: datetime | None
    version: int
    url_expires_at: datetime
    created_at: datetime

    @property
    def scope(self) -> UUID:
        """What its final keys lie under: the conversation, the companion, or for an avatar the owner; the upload
        itself where its companion is still to be made. It changes no more once there are such keys."""
        return self.conversation_id or self.companion_id or (self.owner_id if self.purpose == "avatar" else self.id)

    @property
    def keeps_evidence(self) -> bool:
        """What was blocked or held is never deleted, only hidden (MEDIA-2, invariant 20)."""
        return self.held or self.status == "blocked"


def rule_of(purpose: str, kind: str) -> Rule:
    """The rule for a kind where it is uploaded for this purpose. Raises KeyError for one that is not."""
    return (COMPANION_CHAT if purpose == "chat" else RULES[purpose])[kind]


def canonical_type(content_type: str) -> str:
    """Without parameters, in lower case, and by the name that we use for it: `Audio/X-M4A; q=1` → `audio/mp4`."""
    plain = content_type.partition(";")[0].strip().lower()
    return ALIASES.get(plain, plain)


def check_new(new: NewUpload) -> tuple[Rule, str]:
    """The rule for an announced upload and its canonical type, as far as it can be told without asking anybody.

    Raises Forbidden, Invalid, UnsupportedType, TooLarge: in this order.
    """
    if new.purpose in OF_COMPANIONS and not new.by_admin:
        raise Forbidden("Only admins may upload media of companions.")
    _check_fields(new)
    rules = COMPANION_CHAT if new.purpose == "chat" else RULES[new.purpose]
    rule = rules.get(new.kind)
    if rule is None:
        raise Invalid(errors={"kind": [f"Must be one of: {', '.join(rules)}."]})
    if not rule.allowed:
        raise Invalid(errors={"kind": [rule.reason or "Not allowed here."]})
    content_type = canonical_type(new.content_type)
    if content_type not in rule.content_types:
        raise UnsupportedType(_unsupported(content_type, rule))
    if new.size > rule.max_bytes:
        raise TooLarge(f"At most {rule.max_bytes // MEGABYTE} MB are allowed here.")
    return rule, content_type


def _check_fields(new: NewUpload) -> None:
    wanted = {"conversation_id": new.purpose == "chat", "companion_id": new.purpose in OF_COMPANIONS}
    given = {"conversation_id": new.conversation_id is not None, "companion_id": new.companion_id is not None}
    faults = {
        name: ["Missing for this purpose." if wanted[name] else "Not for this purpose."]
        for name in wanted
        if wanted[name] != given[name]
    }
    if new.purpose in BEFORE_COMPANIONS and new.companion_id is None:
        del faults["companion_id"]
    if faults:
        raise Invalid(errors=faults)


def _unsupported(content_type: str, rule: Rule) -> str:
    allowed = ", ".join(name.partition("/")[2].upper() for name in rule.content_types)
    if content_type in _GIF:
        return f"GIF pictures can't be uploaded. Please use {allowed}."
    if content_type in _HEIC:
        return f"HEIC pictures can't be uploaded. Please save the picture as one of {allowed}."
    return f"Files of this type can't be uploaded here. Please use {allowed}."


def scaled(limit: int, factor: float) -> int | None:
    """A limit under RATE_LIMIT_FACTOR; None where limits are switched off."""
    return max(1, int(limit * factor)) if factor > 0 else None


def too_many_uploads(limit: int, seconds: int, *, are_open: bool) -> RateLimited:
    """`seconds` until the next one is possible; `are_open`: it is the open ones that are too many."""
    text = "Too many uploads are open." if are_open else "Too many uploads in an hour."
    return RateLimited(
        f"{text} Please try again in {seconds} seconds.",
        retry_after=seconds,
        headers={"RateLimit-Limit": str(limit), "RateLimit-Remaining": "0", "RateLimit-Reset": str(seconds)},
    )


def uploads_stopped() -> Forbidden:
    """Until a moderator has decided (MOD-2)."""
    return Forbidden("You can't upload anything at the moment. A moderator is looking into it.", code="uploads-stopped")


def in_use() -> Conflict:
    """A sent upload goes with its message, not by itself."""
    return Conflict("This upload is in use and can't be deleted.", code="in-use")


def told(upload: UploadState) -> dict[str, Any]:
    """api.md's `upload`. What is held shows nothing."""
    viewable = upload.media is not None and not upload.held
    return {
        "upload_id": upload.id,
        "status": upload.status,
        "kind": upload.kind,
        "purpose": upload.purpose,
        "conversation_id": upload.conversation_id,
        "media": shown(upload.media, upload.nsfw_flag) if viewable and upload.media is not None else None,
        "error": {"code": upload.error_code, "detail": ERROR_TEXTS[upload.error_code]} if upload.error_code else None,
        "blocked_reason": "policy-violation" if upload.status == "blocked" else None,
        "message_id": upload.message_id,
        "price_tokens": upload.price_tokens,
        "created_at": upload.created_at,
    }


def check_profile_picture(upload: UploadState) -> None:
    """Profile pictures are shown to everybody as they are, never blurred. Raises Invalid for an erotic one."""
    if upload.nsfw_flag == "erotic":
        raise Invalid("Some fields are not valid.", errors={"upload_id": ["Too revealing for a profile picture."]})


def check_claim(upload: UploadState | None, *, owner_id: UUID, fits: bool, used_by: UUID) -> UploadState:
    """Whether an upload may be used by its owner for what has the id `used_by`; `fits`: it was made for that place.

    Raises NotFound, Invalid, Conflict: in the order of api.md.
    """
    if upload is None or upload.owner_id != owner_id or upload.removed_at is not None:
        raise NotFound()
    if not fits:
        raise Invalid("Some fields are not valid.", errors={"upload_id": ["Was uploaded for something else."]})
    if upload.status == "blocked" or upload.held:
        raise Conflict(ERROR_TEXTS["policy"], code="upload-blocked")
    if upload.status != "completed":
        raise Conflict("This upload is not ready.", code="upload-not-ready")
    if upload.used_by not in (None, used_by):
        raise Conflict("This upload was used already.", code="upload-already-used")
    return upload
