"""What chat-svc asks of its neighbours, with answers as values; never inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal
from uuid import UUID

from chassis.errors import NotFound, Unavailable
from chassis.upstream import Upstream
from chat_svc.domain.conversations import Companion, Standing
from chat_svc.domain.media import Media, Rules

TIMEOUT_S = 2.5
"""For one call; repeated once by the upstream client, that is 5 s, well below what the gateway gives a request."""


class Quotas:
    """quota-svc: free quotas, premium, admissions."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def open(self, user_id: UUID, companion_id: UUID, conversation_id: UUID) -> Standing:
        """Make the user's free quota with this companion where there is none; how it stands (QUOTA-1)."""
        answer = self._post(
            "/internal/quotas/open",
            {"user_id": str(user_id), "companion_id": str(companion_id), "conversation_id": str(conversation_id)},
        )
        return Standing(bool(answer["premium_active"]), {str(companion_id): answer["free_remaining"]})

    def standing(self, user_id: UUID, companion_ids: Sequence[UUID]) -> Standing:
        """How the user stands with up to 100 companions, in one call."""
        answer = self._post(
            "/internal/standing",
            {"user_id": str(user_id), "companion_ids": [str(one) for one in companion_ids]},
        )
        return Standing(bool(answer["premium_active"]), answer["quotas"])

    def admit(
        self,
        admission_id: UUID,
        *,
        user_id: UUID,
        companion_id: UUID,
        conversation_id: UUID,
        permit_id: str,
        client_id: UUID,
        spend: Literal["text", "media"] = "text",
    ) -> int:
        """Spend a permit use and a text quota under this id, once; the generation of the admission. A user's own
        `media` spends no quota (CHAT-5).

        Raises Forbidden `permit-invalid`, PaymentRequired `quota-exhausted`, RateLimited, or Unavailable when it is
        unknown what has happened: then the same id asks again.
        """
        answer = self._post(
            "/internal/admissions",
            {
                "admission_id": str(admission_id),
                "user_id": str(user_id),
                "companion_id": str(companion_id),
                "conversation_id": str(conversation_id),
                "permit_id": permit_id,
                "scope": "chat_send",
                "spend": spend,
                "sender_id": str(user_id),
                "client_id": str(client_id),
            },
        )
        return int(answer["generation"])

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._upstream.call("POST", path, body, timeout=TIMEOUT_S)
        if not isinstance(answer, dict):
            raise Unavailable()
        return answer


class Uploads:
    """media-svc: uploads that become messages, and the rules of media."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def claim(self, upload_id: UUID, *, send_id: UUID, user_id: UUID, conversation_id: UUID, kind: str) -> Media:
        """Claim the upload for this send, which may ask again; what it is.

        Raises NotFound, Invalid `upload_id`, Conflict `upload-blocked`, `upload-not-ready`, `upload-already-used`, or
        Unavailable when it is unknown what has happened.
        """
        answer = self._upstream.call(
            "POST",
            f"/internal/uploads/{upload_id}/claim",
            {
                "send_id": str(send_id),
                "user_id": str(user_id),
                "conversation_id": str(conversation_id),
                "kind": kind,
            },
            timeout=TIMEOUT_S,
        )
        if not isinstance(answer, dict) or not isinstance(answer.get("media"), dict):
            raise Unavailable()
        return Media(upload_id, None, answer["media"], int(answer["version"]), str(answer["nsfw_flag"]))

    def release(self, upload_id: UUID, send_id: UUID) -> None:
        """Let the upload go where it was claimed for this send and no message came of it; harmless otherwise.

        Raises Unavailable.
        """
        path = f"/internal/uploads/{upload_id}/release"
        # An id that can be no upload's is not found by its form: there is nothing to let go, today or later.
        with suppress(NotFound):
            self._upstream.call("POST", path, {"send_id": str(send_id)}, timeout=TIMEOUT_S)

    def rules(self) -> Rules:
        """What may be sent to companions, by kind (MEDIA-2)."""
        answer = self._upstream.call("GET", "/internal/media/rules", timeout=TIMEOUT_S)
        if not isinstance(answer, dict):
            raise Unavailable()
        return answer


class CompanionSource:
    """ai-svc: which companions there are."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def find(self, companion_id: UUID) -> Companion:
        """Raises NotFound for an unknown companion, Unavailable when ai-svc does not answer."""
        try:
            answer = self._upstream.call("GET", f"/internal/companions/{companion_id}", timeout=TIMEOUT_S)
        except NotFound:
            # Told in our own words, so that it reads like an inactive one.
            raise NotFound() from None
        return Companion(
            UUID(answer["id"]), answer["name"], answer["avatar_key"], bool(answer["is_active"]), answer["engine"]
        )
