"""What media may be like (MEDIA-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis import auth
from chassis.web.strictjson import Blueprint
from media_svc.domain.limits import RULES, Rule
from media_svc.schemas.rules import RulesQuery, RulesSchema


def blueprint() -> Blueprint:
    """The rules of media."""
    media = Blueprint("media", __name__, url_prefix="/v1/media")

    @media.get("/rules")
    @auth.user
    @media.arguments(RulesQuery, location="query")
    @media.response(200, RulesSchema)
    def rules(query: dict[str, Any]) -> Mapping[str, Rule]:
        """The upload limits of a purpose (MEDIA-2)."""
        return RULES[query["purpose"]]

    return media
