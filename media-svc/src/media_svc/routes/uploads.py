"""Uploads of users (MEDIA-1, MEDIA-5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis import auth
from chassis.web.strictjson import Blueprint
from media_svc.domain.uploads import NewUpload
from media_svc.schemas.uploads import CreatedSchema, UploadBody, UploadSchema
from media_svc.usecases.uploads import Created, Uploads


def blueprint(uploads: Uploads) -> Blueprint:
    """Announce, complete, look at and delete uploads of one's own."""
    routes = Blueprint("uploads", __name__, url_prefix="/v1/uploads")

    @routes.post("")
    @auth.user
    @routes.arguments(UploadBody)
    @routes.response(201, CreatedSchema)
    def create(body: dict[str, Any]) -> Created:
        """Announce an upload; the answer says where its bytes go (MEDIA-1)."""
        sha256 = body.pop("sha256")
        body.pop("file_name")
        new = NewUpload(
            owner_id=UUID(auth.current_user_id()),
            by_admin=auth.current().role == "admin",
            sha256=sha256.lower() if sha256 else None,
            **body,
        )
        return uploads.create(new)

    @routes.post("/<uuid7:upload_id>/complete")
    @auth.user
    @routes.response(202, UploadSchema)
    @routes.alt_response(200, schema=UploadSchema, description="It was processed already.")
    def complete(upload_id: str) -> tuple[dict[str, Any], int]:
        """The bytes have arrived: have them processed. Any number of times (MEDIA-5)."""
        upload, has_ended = uploads.complete(UUID(upload_id), UUID(auth.current_user_id()))
        return upload, 200 if has_ended else 202

    @routes.get("/<uuid7:upload_id>")
    @auth.user
    @routes.response(200, UploadSchema)
    def get(upload_id: str) -> dict[str, Any]:
        """An upload of one's own."""
        return uploads.get(UUID(upload_id), UUID(auth.current_user_id()))

    @routes.delete("/<uuid7:upload_id>")
    @auth.user
    @routes.response(204)
    def delete(upload_id: str) -> None:
        """Delete an upload that is not in use. Any number of times (MEDIA-5).

        One that was blocked or is held disappears for its owner; what is evidence is kept all the same.
        """
        uploads.delete(UUID(upload_id), UUID(auth.current_user_id()))

    return routes
