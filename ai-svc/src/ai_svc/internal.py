"""What neighbours ask of ai-svc."""

from __future__ import annotations

from typing import Any

from ai_svc.schemas import InternalCompanionSchema
from ai_svc.usecases.companions import Companions
from chassis import auth
from chassis.web.strictjson import Blueprint


def blueprint(companions: Companions) -> Blueprint:
    """The internal routes."""
    internal = Blueprint("internal", __name__, url_prefix="/internal")

    @internal.get("/companions/<uuid7:companion_id>")
    @auth.callers("chat-svc", "media-svc")
    @internal.response(200, InternalCompanionSchema)
    def companion(companion_id: str) -> dict[str, Any]:
        """A companion, active or not, and what answers for it."""
        return {**companions.get_any(companion_id), "engine": companions.engine}

    return internal
