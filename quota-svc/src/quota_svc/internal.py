"""What the neighbours ask of quota-svc. None of it calls another service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from prometheus_client import Counter

from chassis import auth
from chassis.errors import DomainError
from chassis.ids import is_uuid7
from chassis.web.strictjson import Blueprint
from quota_svc.domain import AdmissionRequest, SpendRequest, Standing
from quota_svc.schemas import (
    AdmissionSchema,
    AdmittedSchema,
    OpenedSchema,
    OpenSchema,
    ReversedSchema,
    ReverseSchema,
    SpendReturnedSchema,
    SpendSchema,
    SpentSchema,
    StandingQuery,
    StandingSchema,
)
from quota_svc.usecases.admissions import Admissions, Admitted
from quota_svc.usecases.quotas import Quotas
from quota_svc.usecases.spends import Spends


def blueprint(
    quotas: Quotas, admissions: Admissions, spends: Spends, outcomes: Counter, reversals: Counter
) -> Blueprint:
    """`/internal`. `outcomes` counts admissions by what became of them, `reversals` those taken back."""
    internal = Blueprint("internal", __name__, url_prefix="/internal")

    @internal.post("/quotas/open")
    @auth.callers("chat-svc")
    @internal.arguments(OpenSchema)
    @internal.response(200, OpenedSchema)
    def open_quota(body: dict[str, Any]) -> dict[str, Any]:
        """Give the free quota with a companion, once (QUOTA-1)."""
        found = quotas.open(body["user_id"], body["companion_id"])
        return {"free_remaining": found.quotas[body["companion_id"]], "premium_active": found.premium_active}

    @internal.post("/admissions")
    @auth.callers("chat-svc")
    @internal.arguments(AdmissionSchema)
    @internal.response(200, AdmittedSchema)
    def admit(body: dict[str, Any]) -> Admitted:
        """Spend a permit use, and a text quota or one of the day's media, on a send, once (CHAT-4, CHAT-5)."""
        permit_id = UUID(body["permit_id"]) if is_uuid7(body["permit_id"]) else None
        try:
            admitted = admissions.admit(AdmissionRequest(**{**body, "permit_id": permit_id}))
        except DomainError as refusal:
            outcomes.labels(refusal.code).inc()
            raise
        outcomes.labels("repeated" if admitted.repeated else "admitted").inc()
        return admitted

    @internal.post("/admissions/reverse")
    @auth.callers("ai-svc")
    @internal.arguments(ReverseSchema)
    @internal.response(200, ReversedSchema)
    def reverse(body: dict[str, Any]) -> dict[str, int]:
        """Return the text quota of replies that failed for good, once (CHAT-8)."""
        count = admissions.reverse([(one["admission_id"], one["generation"]) for one in body["admissions"]])
        reversals.inc(count)
        return {"reversed": count}

    @internal.post("/spends")
    @auth.callers("ai-svc")
    @internal.arguments(SpendSchema)
    @internal.response(200, SpentSchema)
    def spend(body: dict[str, Any]) -> dict[str, str]:
        """Spend the free quota that a reply with media costs, once (QUOTA-1)."""
        return {"spent": spends.spend(SpendRequest(**body))}

    @internal.post("/spends/<uuid7:spend_id>/return")
    @auth.callers("ai-svc")
    @internal.response(200, SpendReturnedSchema)
    def give_back(spend_id: UUID) -> dict[str, bool]:
        """Return what a reply had spent that became no media message, once; it can't be spent any more."""
        return {"returned": spends.give_back(spend_id)}

    @internal.post("/standing")
    @auth.callers("chat-svc", "gateway", "media-svc")
    @internal.arguments(StandingQuery)
    @internal.response(200, StandingSchema)
    def standing(body: dict[str, Any]) -> Standing:
        """Premium and free quotas of a user, exact at this moment (QUOTA-2)."""
        return quotas.standing(body["user_id"], body["companion_ids"])

    return internal
