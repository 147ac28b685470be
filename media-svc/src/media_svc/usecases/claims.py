"""Completed uploads are used once: by a send, as an avatar, or for a companion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.db import Database
from media_svc.domain.uploads import BEFORE_COMPANIONS, UploadState, check_claim, check_profile_picture
from media_svc.queries import uploads as queries


class Claims:
    """Every step may be repeated with the same ids."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self, upload_id: UUID, *, send_id: UUID, user_id: UUID, conversation_id: UUID, kind: str
    ) -> dict[str, Any]:
        """Keep an upload for a send; what its message is to show.

        Raises NotFound, Invalid, Conflict `upload-blocked`, `upload-not-ready`, `upload-already-used`.
        """
        wanted = ("chat", conversation_id, kind)
        with self._database.transaction():
            upload = queries.one(upload_id, lock=True)
            fits = upload is not None and (upload.purpose, upload.conversation_id, upload.kind) == wanted
            upload = self._claim(upload, user_id, send_id, fits=fits)
        return {
            "upload_id": upload.id,
            "media": upload.media,
            "nsfw_flag": upload.nsfw_flag,
            "version": upload.version,
            "price_tokens": upload.price_tokens,
        }

    def release(self, upload_id: UUID, send_id: UUID) -> None:
        """Let go of an upload whose send was refused; nothing where it is used otherwise, or was sent."""
        with self._database.transaction():
            queries.release(upload_id, send_id)

    def use(
        self, upload_id: UUID, *, use_id: UUID, user_id: UUID, purpose: str, companion_id: UUID | None
    ) -> dict[str, Any]:
        """Use an upload for a profile or a companion; the key to show. Raises as `claim`.

        One that names no companion, because it was uploaded before that was made, is this companion's from then on.
        """
        with self._database.transaction():
            upload = queries.one(upload_id, lock=True)
            fits = upload is not None and upload.purpose == purpose and _is_for(upload, companion_id)
            checked = check_claim(upload, owner_id=user_id, fits=fits, used_by=use_id)
            check_profile_picture(checked)
            if checked.companion_id != companion_id:
                checked = queries.update(upload_id, companion_id=companion_id)
            upload = self._claim(checked, user_id, use_id, fits=fits)
        return {"key": (upload.media or {})["key"], "version": upload.version}

    def sent(self, upload_id: UUID, *, send_id: UUID, message_id: UUID) -> None:
        """A message with this upload was written. Joins the transaction at hand."""
        with self._database.transaction():
            queries.mark_sent(upload_id, send_id, message_id)

    @staticmethod
    def _claim(upload: UploadState | None, owner_id: UUID, used_by: UUID, *, fits: bool) -> UploadState:
        checked = check_claim(upload, owner_id=owner_id, fits=fits, used_by=used_by)
        if checked.used_by is None:
            queries.mark_used(checked.id, used_by)
        return checked


def _is_for(upload: UploadState, companion_id: UUID | None) -> bool:
    if upload.purpose in BEFORE_COMPANIONS:
        return companion_id is not None and upload.companion_id in (None, companion_id)
    return upload.companion_id == companion_id
