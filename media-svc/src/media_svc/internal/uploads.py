"""What neighbours ask about uploads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis import auth
from chassis.web.strictjson import Blueprint
from media_svc.domain.limits import COMPANION_CHAT, Rule
from media_svc.schemas.uploads import (
    ChatRulesSchema,
    ClaimBody,
    ClaimedSchema,
    NothingSchema,
    ReleaseBody,
    UploadsBatchBody,
    UploadsBatchSchema,
    UseBody,
    UsedSchema,
)
from media_svc.usecases.claims import Claims
from media_svc.usecases.uploads import Uploads


def blueprint(uploads: Uploads, claims: Claims) -> Blueprint:
    """The routes of chat-svc, ai-svc and the gateway."""
    internal = Blueprint("internal_uploads", __name__, url_prefix="/internal")

    @internal.get("/media/rules")
    @auth.callers("chat-svc")
    @internal.response(200, ChatRulesSchema)
    def rules() -> Mapping[str, Rule]:
        """What may be sent to a companion (MEDIA-2)."""
        return COMPANION_CHAT

    @internal.post("/uploads/<uuid7:upload_id>/claim")
    @auth.callers("chat-svc")
    @internal.arguments(ClaimBody)
    @internal.response(200, ClaimedSchema)
    def claim(body: dict[str, Any], upload_id: str) -> dict[str, Any]:
        """Keep an upload for a send; again for the same one, the same answer."""
        return claims.claim(UUID(upload_id), **body)

    @internal.post("/uploads/<uuid7:upload_id>/release")
    @auth.callers("chat-svc")
    @internal.arguments(ReleaseBody)
    @internal.response(200, NothingSchema)
    def release(body: dict[str, Any], upload_id: str) -> dict[str, Any]:
        """The send was refused: its upload may be used again."""
        claims.release(UUID(upload_id), body["send_id"])
        return {}

    @internal.post("/uploads/<uuid7:upload_id>/use")
    @auth.callers("ai-svc", "gateway")
    @internal.arguments(UseBody)
    @internal.response(200, UsedSchema)
    def use(body: dict[str, Any], upload_id: str) -> dict[str, Any]:
        """An upload becomes an avatar or a background; again for the same use, the same answer."""
        return claims.use(UUID(upload_id), **body)

    @internal.post("/uploads:batch")
    @auth.callers("gateway")
    @internal.arguments(UploadsBatchBody)
    @internal.response(200, UploadsBatchSchema)
    def uploads_batch(body: dict[str, Any]) -> dict[str, Any]:
        """Uploads for the stream, as their owner sees them."""
        return {"items": uploads.seen_by(body["viewer"], body["ids"])}

    return internal
