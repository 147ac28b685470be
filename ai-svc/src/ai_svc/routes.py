"""The public and the admin routes of ai-svc."""

from __future__ import annotations

from typing import Any

from ai_svc.schemas import (
    AdminCompanionPage,
    AdminCompanionSchema,
    CompanionChanges,
    CompanionPage,
    CompanionSchema,
    NewCompanion,
    SearchQuery,
)
from ai_svc.usecases.companions import Companions
from chassis import auth
from chassis.web.schemas import Cursors
from chassis.web.strictjson import Blueprint


def blueprint(companions: Companions, cursors: Cursors) -> Blueprint:
    """What everybody may see of companions."""
    public = Blueprint("companions", __name__, url_prefix="/v1/companions")

    @public.get("")
    @auth.anyone
    @public.arguments(SearchQuery, location="query")
    @public.response(200, CompanionPage)
    def search(query: dict[str, Any]) -> dict[str, Any]:
        """The active companions, newest first; `q` searches their names (COMP-1)."""
        return _page(companions, cursors, "companions", query, only_active=True)

    @public.get("/<uuid7:companion_id>")
    @auth.anyone
    @public.response(200, CompanionSchema)
    def one(companion_id: str) -> dict[str, Any]:
        """An active companion."""
        return companions.get(companion_id)

    return public


def admin_blueprint(companions: Companions, cursors: Cursors) -> Blueprint:
    """What admins do with companions."""
    admin = Blueprint("admin-companions", __name__, url_prefix="/v1/admin/companions")

    @admin.get("")
    @auth.roles("admin")
    @admin.arguments(SearchQuery, location="query")
    @admin.response(200, AdminCompanionPage)
    def search(query: dict[str, Any]) -> dict[str, Any]:
        """All companions, newest first."""
        return _page(companions, cursors, "admin-companions", query, only_active=False)

    @admin.post("")
    @auth.roles("admin")
    @admin.arguments(NewCompanion)
    @admin.response(201, AdminCompanionSchema)
    def create(body: dict[str, Any]) -> dict[str, Any]:
        """Make a companion: an adult, always (COMP-1)."""
        return companions.create(body, auth.current_user_id())

    @admin.get("/<uuid7:companion_id>")
    @auth.roles("admin")
    @admin.response(200, AdminCompanionSchema)
    def one(companion_id: str) -> dict[str, Any]:
        """A companion with its persona, active or not."""
        return companions.get_any(companion_id)

    @admin.patch("/<uuid7:companion_id>")
    @auth.roles("admin")
    @admin.arguments(CompanionChanges)
    @admin.response(200, AdminCompanionSchema)
    def update(body: dict[str, Any], companion_id: str) -> dict[str, Any]:
        """Edit, deactivate or reactivate a companion."""
        return companions.update(companion_id, body, auth.current_user_id())

    return admin


def _page(
    companions: Companions, cursors: Cursors, listing: str, query: dict[str, Any], *, only_active: bool
) -> dict[str, Any]:
    scope = f"{listing}:{query['q'] or ''}"
    position = cursors.open(scope, query["cursor"])
    rows = companions.search(
        query["q"],
        only_active=only_active,
        before=position[0] if position else None,
        limit=query["limit"] + 1,
    )
    return cursors.page(scope, rows, query["limit"], lambda row: [str(row["id"])])
