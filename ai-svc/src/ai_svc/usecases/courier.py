"""What the making of a reply asks of the neighbours; every call may be repeated."""

from __future__ import annotations

from collections.abc import Mapping

from ai_svc.domain.conversation import ContextMessage
from ai_svc.domain.replies import Reply
from ai_svc.queries.replies import Job
from chassis.errors import Conflict, NotFound
from chassis.upstream import Upstream


class Courier:
    """Between the job and the services that own conversations and quotas."""

    def __init__(self, chat: Upstream, quota: Upstream) -> None:
        self._chat = chat
        self._quota = quota

    def context(self, job: Job, limit: int) -> list[ContextMessage]:
        """The last `limit` messages, oldest first, ending with what is to be answered (AI-2)."""
        answer = self._chat.call(
            "POST",
            f"/internal/conversations/{job.conversation_id}/context",
            {"message_ids": _texts(job), "limit": limit},
        )
        return [ContextMessage(one["sender"], one["kind"], one["text"]) for one in answer["messages"]]

    def deliver(self, job: Job, reply: Reply) -> bool:
        """Hand the reply over. False when nobody waits for it: its failure was recorded, or the conversation went."""
        body = {"message_ids": _texts(job), "kind": "text", "text": reply.text, "engine": reply.engine}
        return self._put(f"/internal/conversations/{job.conversation_id}/replies/{job.id}", body)

    def tell_failure(self, job: Job) -> bool:
        """Record that the reply failed for good. False when there is nobody to tell, or the reply did arrive."""
        path = f"/internal/conversations/{job.conversation_id}/replies/{job.id}/failure"
        return self._put(path, {"message_ids": _texts(job)})

    def return_admissions(self, job: Job) -> None:
        """Give back the text quota that the unanswered messages had spent (CHAT-8)."""
        admissions = [{"admission_id": str(one), "generation": generation} for one, generation in job.admissions]
        self._quota.call("POST", "/internal/admissions/reverse", {"admissions": admissions})

    def _put(self, path: str, body: Mapping[str, object]) -> bool:
        try:
            self._chat.call("PUT", path, body)
        except NotFound:
            return False
        except Conflict as error:
            if error.code != "reply-settled":
                raise
            return False
        return True


def _texts(job: Job) -> list[str]:
    return [str(message_id) for message_id in job.message_ids]
