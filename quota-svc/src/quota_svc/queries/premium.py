"""Premium: the row that folds a user's grants, and the grants."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from quota_svc.models import Premium, PremiumGrant


def lock(user_id: UUID) -> datetime | None:
    """Lock the user's premium row, made where it is missing; the end of premium as it stands."""
    Premium.insert(user_id=user_id).on_conflict_ignore().execute()
    row = Premium.select().where(Premium.user_id == user_id).for_update().get()
    until: datetime | None = row.premium_until
    return until


def find_grant(grant_id: UUID) -> PremiumGrant | None:
    """The grant with this id."""
    found: PremiumGrant | None = PremiumGrant.get_or_none(PremiumGrant.id == grant_id)
    return found


def add_grant(grant_id: UUID, user_id: UUID, days: int, source: str) -> datetime | None:
    """Append a grant; when it was made, or None where its id is taken. The user's premium row must be locked."""
    position = PremiumGrant.select().where(PremiumGrant.user_id == user_id).count() + 1
    rows = (
        PremiumGrant.insert(id=grant_id, user_id=user_id, position=position, days=days, source=source)
        .on_conflict(action="IGNORE")
        .returning(PremiumGrant.granted_at)
        .execute()
    )
    made = [row.granted_at for row in rows]
    return made[0] if made else None


def set_until(user_id: UUID, until: datetime) -> None:
    """Write the fold of the user's grants."""
    Premium.update(premium_until=until).where(Premium.user_id == user_id).execute()
