"""The public routes of quota-svc."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from prometheus_client import Counter

from chassis import auth
from chassis.web.strictjson import Blueprint
from quota_svc.domain import MintedPermit
from quota_svc.schemas import MintSchema, PermitSchema
from quota_svc.usecases.permits import Permits


def blueprint(permits: Permits, minted: Counter) -> Blueprint:
    """`/v1/permits`."""
    routes = Blueprint("permits", __name__, url_prefix="/v1")

    @routes.post("/permits")
    @auth.user
    @routes.arguments(MintSchema)
    @routes.response(201, PermitSchema)
    def mint(body: dict[str, Any]) -> MintedPermit:
        """Mint a permit for sends (PERM-1)."""
        permit = permits.mint(UUID(auth.current_user_id()), body["bot_token"], body["scope"])
        minted.labels(body["scope"]).inc()
        return permit

    return routes
