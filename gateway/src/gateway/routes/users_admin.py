"""Accounts for admins (AUTH-5)."""

from __future__ import annotations

from typing import Any

from chassis import auth
from chassis.web.schemas import Cursors
from chassis.web.strictjson import Blueprint
from gateway.domain import Account
from gateway.schemas import AdminUserPage, AdminUserSchema, RoleBody, UserSearchQuery
from gateway.usecases.admin import Admin


def blueprint(admin: Admin, cursors: Cursors) -> Blueprint:
    """`/v1/admin/users`."""
    routes = Blueprint("users-admin", __name__, url_prefix="/v1/admin/users")

    @routes.get("")
    @auth.roles("admin")
    @routes.arguments(UserSearchQuery, location="query")
    @routes.response(200, AdminUserPage)
    def search(query: dict[str, Any]) -> dict[str, Any]:
        """Find accounts, the newest first."""
        scope = f"users:{auth.current_user_id()}:{query['q']}"
        position = cursors.open(scope, query["cursor"])
        rows = admin.search(query["q"], before=position[0] if position else None, limit=query["limit"] + 1)
        return cursors.page(scope, rows, query["limit"], lambda row: [str(row.id)])

    @routes.patch("/<uuid7:user_id>")
    @auth.roles("admin")
    @routes.arguments(RoleBody)
    @routes.response(200, AdminUserSchema)
    def set_role(body: dict[str, Any], user_id: str) -> Account:
        """Give or take a role."""
        return admin.set_role(user_id, body["role"], actor=auth.current_user_id())

    return routes
