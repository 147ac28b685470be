"""What permits, free quotas and premium are worth, and how their refusals are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from chassis.errors import Conflict, Forbidden, Invalid, PaymentRequired, RateLimited

SCOPES = ("chat_send",)
Spend = Literal["text", "nothing", "media"]
MediaKind = Literal["image", "video", "voice"]
PERMITS_PER_MINUTE = 120
MEDIA_SENDS_PER_DAY = 100
LONGEST_GRANT_DAYS = 36_500
LONGEST_SOURCE = 40


@dataclass(frozen=True)
class Terms:
    """What a permit is good for: this many uses, within this many seconds."""

    uses: int
    seconds: int


FREE_TERMS = Terms(uses=5, seconds=120)
PREMIUM_TERMS = Terms(uses=50, seconds=600)


@dataclass(frozen=True)
class Quota:
    """What a free user may still have from one companion (QUOTA-1)."""

    text: int
    media: int
    audio: int


FREE_QUOTA = Quota(text=10, media=2, audio=3)


@dataclass(frozen=True)
class Standing:
    """Premium and free quotas of a user, as of one moment."""

    premium_active: bool
    premium_until: datetime | None
    quotas: dict[UUID, Quota]


@dataclass(frozen=True)
class MintedPermit:
    """A permit as its owner sees it."""

    permit_id: UUID
    uses_left: int
    expires_at: datetime


@dataclass(frozen=True)
class AdmissionRequest:
    """A send or regeneration that wants in. `permit_id` is None where the client's was no permit id at all.

    `spend`, beside the permit use: a free text; nothing; or, as `media`, one of the day's sends of own media, which
    take nothing from the free quota (CHAT-5).
    """

    admission_id: UUID
    user_id: UUID
    companion_id: UUID
    conversation_id: UUID
    permit_id: UUID | None
    scope: str
    spend: Spend
    sender_id: UUID
    client_id: UUID


@dataclass(frozen=True)
class SpendRequest:
    """A companion's reply with media that wants its free quota (QUOTA-1)."""

    spend_id: UUID
    user_id: UUID
    companion_id: UUID
    conversation_id: UUID
    kind: MediaKind


def permit_limit(factor: float) -> int | None:
    """How many permits a user may mint in a minute; None where limits are switched off."""
    return max(1, int(PERMITS_PER_MINUTE * factor)) if factor > 0 else None


def media_limit(factor: float) -> int | None:
    """How much of their own media users without premium may send to companions a day; None: any number."""
    return max(1, int(MEDIA_SENDS_PER_DAY * factor)) if factor > 0 else None


def check_grant(days: int, source: str) -> None:
    """Raises Invalid for a number of days that nobody can be given, or a source that says nothing."""
    if not 1 <= days <= LONGEST_GRANT_DAYS:
        raise Invalid(errors={"days": [f"Must be from 1 to {LONGEST_GRANT_DAYS}."]})
    if not 1 <= len(source) <= LONGEST_SOURCE:
        raise Invalid(errors={"source": [f"Must have 1 to {LONGEST_SOURCE} characters."]})


def extended(premium_until: datetime | None, at: datetime, days: int) -> datetime:
    """The end of premium after a grant of `days` made at `at` (PAY-2). Raises Invalid past the last year there is."""
    start = at if premium_until is None else max(at, premium_until)
    try:
        return start + timedelta(days=days)
    except OverflowError:
        raise Invalid(errors={"days": ["Premium would last past the end of the calendar."]}) from None


def permit_invalid() -> Forbidden:
    """The one refusal for an expired, foreign, spent, wrong-scope or malformed permit (PERM-1): it tells no more."""
    return Forbidden("This permit is not valid (any more). Please get a new one.", code="permit-invalid")


def quota_exhausted() -> PaymentRequired:
    """No free text left with this companion (CHAT-5)."""
    return PaymentRequired("Your free messages with this companion are used up.", code="quota-exhausted")


def media_quota_exhausted() -> PaymentRequired:
    """No free media or audio left with this companion (QUOTA-2)."""
    return PaymentRequired("The free media of this companion are used up.", code="quota-exhausted")


def spend_mismatch() -> Conflict:
    """A spend id that was given to another user, conversation or kind before."""
    return Conflict("This spend belongs to another reply.", code="spend-mismatch")


def spend_returned() -> Conflict:
    """A spend that was returned: it is over, whatever it was."""
    return Conflict("This spend was returned.", code="spend-returned")


def admission_mismatch() -> Conflict:
    """An admission id that was given to another user or conversation before."""
    return Conflict("This admission belongs to another send.", code="admission-mismatch")


def grant_mismatch() -> Conflict:
    """A grant id that was given to another user or number of days before."""
    return Conflict("This grant was made for somebody or something else.", code="grant-mismatch")


def too_many_permits(limit: int, seconds: int) -> RateLimited:
    """The limit per minute is reached; `seconds` until there are permits again."""
    return _limited("Too many permits in a minute. Please wait a moment.", limit, seconds)


def too_much_media(limit: int, seconds: int) -> RateLimited:
    """The day's sends of own media are used up; `seconds` until the next day begins (UTC)."""
    return _limited("You have sent all the photos and videos of a day. Please go on tomorrow.", limit, seconds)


def _limited(detail: str, limit: int, seconds: int) -> RateLimited:
    headers = {"RateLimit-Limit": str(limit), "RateLimit-Remaining": "0", "RateLimit-Reset": str(seconds)}
    return RateLimited(detail, retry_after=seconds, headers=headers)
