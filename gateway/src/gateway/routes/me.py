"""One's own profile and the public ones (PROF-1)."""

from __future__ import annotations

from typing import Any

from chassis import auth
from chassis.web.strictjson import Blueprint
from gateway.domain import Account
from gateway.schemas import ProfileBody, ProfileSchema, PublicProfileSchema
from gateway.usecases.profiles import Profiles


def blueprint(profiles: Profiles) -> Blueprint:
    """`/v1/me` and `/v1/users`."""
    routes = Blueprint("profiles", __name__, url_prefix="/v1")

    @routes.get("/me")
    @auth.user
    @routes.response(200, ProfileSchema)
    def me() -> dict[str, Any]:
        """The caller's profile."""
        return profiles.mine(auth.current_user_id())

    @routes.patch("/me")
    @auth.user
    @routes.arguments(ProfileBody)
    @routes.response(200, ProfileSchema)
    def change_me(body: dict[str, Any]) -> dict[str, Any]:
        """Change the fields given (PROF-1)."""
        return profiles.change(auth.current_user_id(), body)

    @routes.get("/users/<string:username>")
    @auth.user
    @routes.response(200, PublicProfileSchema)
    def user(username: str) -> Account:
        """Somebody's public profile."""
        return profiles.of(username)

    return routes
