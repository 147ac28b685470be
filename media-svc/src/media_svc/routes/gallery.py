"""What users see and like of the media of companions (COMP-3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis import auth
from chassis.web.schemas import Cursors, PageQuery
from chassis.web.strictjson import Blueprint
from media_svc.domain.companion_media import Surface
from media_svc.routes.signing import viewer
from media_svc.schemas.companion_media import GalleryPage, LikeSchema
from media_svc.usecases.companion_media import Gallery
from media_svc.usecases.likes import Likes


def blueprint(gallery: Gallery, likes: Likes, cursors: Cursors) -> Blueprint:
    """The gallery, the posts, and likes."""
    routes = Blueprint("gallery", __name__, url_prefix="/v1")

    def page(surface: Surface, companion_id: str, query: dict[str, Any]) -> dict[str, Any]:
        scope = f"{surface}:{companion_id}"
        position = cursors.open(scope, query["cursor"])
        rows = gallery.page(
            UUID(companion_id),
            surface,
            viewer(),
            UUID(auth.current_user_id()),
            UUID(position[0]) if position else None,
            query["limit"] + 1,
        )
        return cursors.page(scope, rows, query["limit"], lambda row: [str(row["id"])])

    @routes.get("/companions/<uuid7:companion_id>/gallery")
    @auth.user
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, GalleryPage)
    def shown_gallery(query: dict[str, Any], companion_id: str) -> dict[str, Any]:
        """The published gallery of an active companion, newest first; premium-only items are locked for free users."""
        return page("gallery", companion_id, query)

    @routes.get("/companions/<uuid7:companion_id>/posts")
    @auth.user
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, GalleryPage)
    def posts(query: dict[str, Any], companion_id: str) -> dict[str, Any]:
        """The published posts of an active companion, newest first."""
        return page("post", companion_id, query)

    @routes.put("/companion-media/<uuid7:media_id>/like")
    @auth.user
    @routes.response(200, LikeSchema)
    def like(media_id: str) -> dict[str, Any]:
        """Like it, once."""
        return {"like_count": likes.like(UUID(media_id), UUID(auth.current_user_id())), "liked": True}

    @routes.delete("/companion-media/<uuid7:media_id>/like")
    @auth.user
    @routes.response(200, LikeSchema)
    def unlike(media_id: str) -> dict[str, Any]:
        """Like it no longer."""
        return {"like_count": likes.unlike(UUID(media_id), UUID(auth.current_user_id())), "liked": False}

    return routes
