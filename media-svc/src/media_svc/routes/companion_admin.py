"""What admins do with the media of companions, and what they see of what companions sent (COMP-4, AI-4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis import auth
from chassis.errors import Invalid
from chassis.web.schemas import Cursors, PageQuery
from chassis.web.strictjson import Blueprint
from media_svc.schemas.companion_media import (
    AdminMediumPage,
    AdminMediumSchema,
    MediumChanges,
    MissedTagPage,
    NewMedium,
    NewMediumQuery,
    PickAccountPage,
    SurfaceQuery,
)
from media_svc.usecases.companion_media import CompanionMediaAdmin
from media_svc.usecases.picking import Picking


def blueprint(media: CompanionMediaAdmin, picking: Picking, cursors: Cursors) -> Blueprint:
    """`/v1/admin`, as far as it is about media of companions."""
    admin = Blueprint("admin-companion-media", __name__, url_prefix="/v1/admin")

    @admin.get("/companions/<uuid7:companion_id>/media")
    @auth.roles("admin")
    @admin.arguments(SurfaceQuery, location="query")
    @admin.response(200, AdminMediumPage)
    def listed(query: dict[str, Any], companion_id: str) -> dict[str, Any]:
        """All media of a companion, published or not, newest first."""
        scope = f"admin-media:{companion_id}:{query['surface']}"
        position = cursors.open(scope, query["cursor"])
        before = UUID(position[0]) if position else None
        rows = media.page(UUID(companion_id), query["surface"], before, query["limit"] + 1)
        return cursors.page(scope, rows, query["limit"], lambda row: [str(row["id"])])

    @admin.post("/companions/<uuid7:companion_id>/media")
    @auth.roles("admin")
    @admin.arguments(NewMedium)
    @admin.arguments(NewMediumQuery, location="query")
    @admin.response(201, AdminMediumSchema)
    def add(body: dict[str, Any], query: dict[str, Any], companion_id: str) -> dict[str, Any]:
        """Put a completed upload on a surface (COMP-2)."""
        told = {one for one in (body.pop("surface", None), query["surface"]) if one is not None}
        if len(told) != 1:
            raise Invalid(errors={"surface": ["Must be told once." if told else "Missing data for required field."]})
        upload_id = body.pop("upload_id")
        return media.add(UUID(companion_id), upload_id, told.pop(), body, UUID(auth.current_user_id()))

    @admin.patch("/companion-media/<uuid7:media_id>")
    @auth.roles("admin")
    @admin.arguments(MediumChanges)
    @admin.response(200, AdminMediumSchema)
    def edit(body: dict[str, Any], media_id: str) -> dict[str, Any]:
        """Edit, publish or unpublish a medium."""
        return media.edit(UUID(media_id), body)

    @admin.delete("/companion-media/<uuid7:media_id>")
    @auth.roles("admin")
    @admin.response(204)
    def remove(media_id: str) -> None:
        """Take a medium down for good, also where it was sent. Any number of times."""
        media.remove(UUID(media_id))

    @admin.get("/companions/<uuid7:companion_id>/media/picks")
    @auth.roles("admin")
    @admin.arguments(PageQuery, location="query")
    @admin.response(200, PickAccountPage)
    def picks(query: dict[str, Any], companion_id: str) -> dict[str, Any]:
        """Which asset each reply got and why, newest first (AI-4)."""
        scope = f"picks:{companion_id}"
        position = cursors.open(scope, query["cursor"])
        rows = picking.accounts(UUID(companion_id), UUID(position[0]) if position else None, query["limit"] + 1)
        return cursors.page(scope, rows, query["limit"], lambda row: [str(row.reply_id)])

    @admin.get("/companions/<uuid7:companion_id>/media/missed-tags")
    @auth.roles("admin")
    @admin.arguments(PageQuery, location="query")
    @admin.response(200, MissedTagPage)
    def missed_tags(query: dict[str, Any], companion_id: str) -> dict[str, Any]:
        """Tags that were asked for and that no asset answered to, the most wanted first (AI-4)."""
        scope = f"missed-tags:{companion_id}"
        position = cursors.open(scope, query["cursor"])
        after = (int(position[0]), str(position[1]), str(position[2])) if position else None
        rows = picking.missed_tags(UUID(companion_id), after, query["limit"] + 1)
        return cursors.page(scope, rows, query["limit"], lambda row: [row.count, row.tag, row.kind])

    return admin
