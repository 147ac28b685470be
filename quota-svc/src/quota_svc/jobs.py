"""The loops of quota-svc."""

from __future__ import annotations

from chassis.jobs import Loop, timer
from quota_svc.usecases.admissions import Admissions
from quota_svc.usecases.permits import Permits
from quota_svc.usecases.settlement import Settlement

SETTLE_EVERY_S = 30.0
FORGET_EVERY_S = 600.0
FORGET_DAYS_EVERY_S = 6 * 3600.0


def loops(settlement: Settlement, permits: Permits, admissions: Admissions) -> list[Loop]:
    """Settling admissions nobody spoke of again, and forgetting old permits and days.

    Any number of workers may run them.
    """
    return [
        Loop("quota-svc-settle", settlement.settle, idle_seconds=SETTLE_EVERY_S),
        timer("quota-svc-forget-permits", permits.forget, every_seconds=FORGET_EVERY_S),
        timer("quota-svc-forget-media-days", admissions.forget_days, every_seconds=FORGET_DAYS_EVERY_S),
    ]
