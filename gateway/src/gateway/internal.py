"""What other services ask the gateway."""

from __future__ import annotations

from typing import Any

from chassis import auth
from chassis.web.strictjson import Blueprint
from gateway.schemas import BotCheckBody, UserBody, UserStandingSchema
from gateway.usecases.botcheck import BotChecks
from gateway.usecases.profiles import Profiles


def blueprint(bot_checks: BotChecks, profiles: Profiles) -> Blueprint:
    """`/internal`."""
    routes = Blueprint("internal", __name__, url_prefix="/internal")

    @routes.post("/bot-checks")
    @auth.callers("quota-svc")
    @routes.arguments(BotCheckBody)
    @routes.response(204)
    def check(body: dict[str, Any]) -> None:
        """Spend a bot token for a permit (AUTH-4)."""
        bot_checks.judge(body["check_id"], body["bot_token"], body["action"])

    @routes.post("/users/standing")
    @auth.callers("ai-svc")
    @routes.arguments(UserBody)
    @routes.response(200, UserStandingSchema)
    def standing(body: dict[str, Any]) -> dict[str, bool]:
        """Whether somebody may get mature media, exact at this moment (COMP-4)."""
        return profiles.standing(body["user_id"])

    return routes
