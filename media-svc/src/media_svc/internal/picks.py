"""What ai-svc asks about the assets that replies send. None of it calls another service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis import auth
from chassis.web.strictjson import Blueprint
from media_svc.schemas.companion_media import PickBody, PickedSchema
from media_svc.usecases.picking import Picking, PickRequest


def blueprint(picking: Picking) -> Blueprint:
    """`/internal/picks`."""
    internal = Blueprint("internal-picks", __name__, url_prefix="/internal/picks")

    @internal.put("/<uuid7:reply_id>")
    @auth.callers("ai-svc")
    @internal.arguments(PickBody)
    @internal.response(200, PickedSchema)
    def pick(body: dict[str, Any], reply_id: str) -> dict[str, Any]:
        """The asset for a reply, the same however often it is asked for (AI-4)."""
        return {"asset": picking.pick(PickRequest(reply_id=UUID(reply_id), **body))}

    @internal.delete("/<uuid7:reply_id>")
    @auth.callers("ai-svc")
    @internal.response(204)
    def drop(reply_id: str) -> None:
        """The reply sends nothing after all."""
        picking.drop(UUID(reply_id))

    return internal
