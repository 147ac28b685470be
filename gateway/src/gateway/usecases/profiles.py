"""Profiles (PROF-1): one's own, and what others see of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from chassis.db import Database
from chassis.errors import Conflict, Invalid, NotFound, Unauthenticated
from chassis.ids import derive
from chassis.upstream import Upstream
from gateway import domain
from gateway.domain import Account
from gateway.models.accounts import User
from gateway.queries import accounts


class Profiles:
    """Reads and changes profiles; premium is asked of quota-svc at that moment, avatars are claimed at media-svc."""

    def __init__(self, database: Database, quota: Upstream, media: Upstream) -> None:
        self._database = database
        self._quota = quota
        self._media = media

    def mine(self, user_id: str) -> dict[str, Any]:
        """The caller's own profile with premium. Raises Unavailable when quota-svc is away."""
        with self._database.reading():
            found = accounts.by_id(self._database, user_id)
        return self._with_premium(found)

    def change(self, user_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change the fields given; `avatar_upload_id` None takes the avatar away.

        Raises Conflict `username-taken`, of parallel claims of a name one wins; for an upload that can't be used
        NotFound, Invalid or Conflict `upload-…`.
        """
        fields = {getattr(User, name): value for name, value in changes.items() if name != "avatar_upload_id"}
        if "avatar_upload_id" in changes:
            fields[User.avatar_key] = self._avatar_key(user_id, changes["avatar_upload_id"])
        if "username" in changes:
            fields[User.username_key] = changes["username"].lower()
        try:
            with self._database.transaction():
                if fields:
                    User.update(fields).where(User.id == user_id).execute()
                found = accounts.by_id(self._database, user_id)
        except peewee.IntegrityError as error:
            raise Conflict("This username is taken.", code="username-taken") from error
        return self._with_premium(found)

    def of(self, username: str) -> Account:
        """The account whose public profile is asked for, ignoring case. Raises NotFound."""
        if not domain.is_username(username):
            raise NotFound()
        with self._database.reading():
            found = accounts.by_username(self._database, username)
        if found is None:
            raise NotFound()
        return found

    def standing(self, user_id: UUID) -> dict[str, bool]:
        """What ai-svc asks before it picks an asset (COMP-4)."""
        with self._database.reading():
            found = accounts.by_id(self._database, user_id)
        return {"exists": found is not None, "mature_opt_in": found is not None and found.mature_opt_in}

    def _avatar_key(self, user_id: str, upload_id: UUID | None) -> str | None:
        """The key of an upload that is the avatar from now on (PROF-1). The same one may be asked for again."""
        if upload_id is None:
            return None
        use_id = derive(upload_id, "avatar", user_id)
        asked = {"use_id": str(use_id), "user_id": user_id, "purpose": "avatar", "companion_id": None}
        try:
            answer = self._media.call("POST", f"/internal/uploads/{upload_id}/use", asked)
        except Invalid as refusal:
            messages = (refusal.errors or {}).get("upload_id")
            raise Invalid(errors={"avatar_upload_id": messages}) if messages else refusal from refusal
        return str(answer["key"])

    def _with_premium(self, found: Account | None) -> dict[str, Any]:
        if found is None:
            raise Unauthenticated()
        standing = self._quota.call("POST", "/internal/standing", {"user_id": str(found.id), "companion_ids": []})
        until = standing["premium_until"]
        return {
            **vars(found),
            "premium_until": datetime.fromisoformat(until) if until else None,
            "premium_active": bool(standing["premium_active"]),
        }
