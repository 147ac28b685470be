"""What the making of a reply asks of the neighbours; every call may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ai_svc.domain.conversation import ContextMessage
from ai_svc.domain.replies import Asset, Reply
from ai_svc.domain.without_media import caption_of
from ai_svc.queries.replies import Job
from chassis.errors import Conflict, NotFound, PaymentRequired
from chassis.upstream import Upstream


@dataclass(frozen=True)
class Courier:
    """Between the job and the services that own users, conversations, quotas and media."""

    gateway: Upstream
    chat: Upstream
    quota: Upstream
    media: Upstream

    def context(self, job: Job, limit: int) -> list[ContextMessage]:
        """The last `limit` messages, oldest first, ending with what is to be answered (AI-2)."""
        answer = self.chat.call(
            "POST",
            f"/internal/conversations/{job.conversation_id}/context",
            {"message_ids": _texts(job), "limit": limit},
        )
        return [ContextMessage(one["sender"], one["kind"], one["text"]) for one in answer["messages"]]

    def may_see_mature(self, job: Job) -> bool:
        """Whether the user has opted in to mature media, at this moment (COMP-4)."""
        answer = self.gateway.call("POST", "/internal/users/standing", {"user_id": str(job.user_id)})
        return answer["mature_opt_in"] is True

    def pick(self, job: Job, reply: Reply, *, mature: bool) -> Asset | None:
        """The asset for this reply, always the same one, or None: there is none, or it was dropped (AI-4)."""
        answer = self.media.call(
            "PUT",
            f"/internal/picks/{job.id}",
            {
                "conversation_id": str(job.conversation_id),
                "user_id": str(job.user_id),
                "companion_id": str(job.companion_id),
                "kind": reply.kind,
                "tags": list(reply.tags),
                "mature": mature,
            },
        )
        asset = answer["asset"]
        if asset is None:
            return None
        return Asset(
            asset["asset_id"],
            asset["upload_id"],
            asset["text"] or "",
            asset["media"],
            asset["nsfw_flag"],
            asset["version"],
        )

    def drop_pick(self, job: Job) -> None:
        """The reply sends nothing after all: the user may no longer see what was picked for it."""
        self.media.call("DELETE", f"/internal/picks/{job.id}")

    def spend(self, job: Job, reply: Reply) -> bool:
        """Take one media of the free quota for this reply, once; False where none is left (QUOTA-2)."""
        body = {
            "spend_id": str(job.id),
            "user_id": str(job.user_id),
            "companion_id": str(job.companion_id),
            "conversation_id": str(job.conversation_id),
            "kind": reply.kind,
        }
        try:
            self.quota.call("POST", "/internal/spends", body)
        except PaymentRequired:
            return False
        return True

    def return_spend(self, job: Job) -> None:
        """Give back what this reply has spent on media, if anything; it can't spend any more."""
        self.quota.call("POST", f"/internal/spends/{job.id}/return")

    def deliver(self, job: Job, reply: Reply, asset: Asset | None) -> bool:
        """Hand the reply over. False when nobody waits for it: its failure was recorded, or the conversation went."""
        body = {
            "message_ids": _texts(job),
            "kind": reply.kind,
            "text": reply.text if asset is None else caption_of(reply, asset),
            "engine": reply.engine,
            "media": None if asset is None else _media(asset),
        }
        return self._put(f"/internal/conversations/{job.conversation_id}/replies/{job.id}", body)

    def tell_failure(self, job: Job) -> bool:
        """Record that the reply failed for good. False when there is nobody to tell, or the reply did arrive."""
        path = f"/internal/conversations/{job.conversation_id}/replies/{job.id}/failure"
        return self._put(path, {"message_ids": _texts(job)})

    def return_admissions(self, job: Job) -> None:
        """Give back the text quota that the unanswered messages had spent (CHAT-8)."""
        admissions = [{"admission_id": str(one), "generation": generation} for one, generation in job.admissions]
        self.quota.call("POST", "/internal/admissions/reverse", {"admissions": admissions})

    def _put(self, path: str, body: Mapping[str, object]) -> bool:
        try:
            self.chat.call("PUT", path, body)
        except NotFound:
            return False
        except Conflict as error:
            if error.code != "reply-settled":
                raise
            return False
        return True


def _media(asset: Asset) -> dict[str, object]:
    return {
        "upload_id": asset.upload_id,
        "asset_id": asset.asset_id,
        "description": asset.media,
        "nsfw_flag": asset.nsfw_flag,
        "version": asset.version,
    }


def _texts(job: Job) -> list[str]:
    return [str(message_id) for message_id in job.message_ids]
