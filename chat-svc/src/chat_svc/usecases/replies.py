"""What ai-svc asks for and brings: the context of a reply, the reply, its failure (CHAT-8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from prometheus_client import Counter

from chassis.contracts.chat import AIReplied, AIReplyFailed
from chassis.db import Database
from chassis.errors import Conflict, Invalid, NotFound
from chassis.outbox import Outbox
from chat_svc.domain.messages import Message, prompt_context
from chat_svc.queries import conversations, replies
from chat_svc.queries import messages as queries
from chat_svc.queries.replies import NewReply

__all__ = ["Context", "NewReply", "Replies"]


@dataclass(frozen=True)
class Context:
    """What a reply is written from; `messages` oldest first, those to be answered last."""

    conversation_id: UUID
    user_id: UUID
    companion_id: UUID
    messages: list[Message]


class Replies:
    """Companions' replies. Each of them is delivered once or failed once, however often it is brought."""

    def __init__(self, database: Database, outbox: Outbox, posted: Counter) -> None:
        self._database = database
        self._outbox = outbox
        self._posted = posted

    def context(self, conversation_id: UUID, message_ids: Sequence[UUID], limit: int) -> Context:
        """The last `limit` messages for a reply to `message_ids` (AI-2). Raises NotFound.

        Of media no more than kind and caption is told. Both stay when the media is taken down: the caption is what
        somebody wrote, and the placeholder says that something was sent.
        """
        with self._database.transaction():
            conversation = conversations.find_ends(self._database, conversation_id)
            if conversation is None:
                raise NotFound()
            answered = queries.find_asked(self._database, conversation_id, message_ids)
            earlier = queries.page_for_prompt(self._database, conversation_id, message_ids, limit)
        return Context(conversation_id, *conversation, prompt_context(earlier, answered, limit))

    def deliver(self, reply: NewReply) -> tuple[int, bool]:
        """Write the reply as the next message; its seq and whether it was written now.

        Raises NotFound, Invalid for messages that are not there, Conflict `reply-settled` after a recorded failure.
        """
        with self._database.transaction():
            user_id = self._locked_for(reply.conversation_id)
            earlier = queries.find_by_id(self._database, reply.conversation_id, reply.id)
            if earlier is not None:
                return earlier.seq, False
            if replies.has_failed(reply.conversation_id, reply.id):
                raise Conflict("This reply has failed already.", code="reply-settled")
            asked = self._asked(reply.conversation_id, reply.message_ids)
            superseded = replies.supersede(
                self._database, reply.conversation_id, reply.message_ids, min(message.seq for message in asked)
            )
            answered = replies.set_reply_status(
                self._database, reply.conversation_id, reply.message_ids, "replied", only=("pending", "failed")
            )
            taken = queries.take_seq(self._database, reply.conversation_id)
            if taken is None:
                raise NotFound()
            replies.insert_reply(self._database, reply, *taken)
            self._outbox.emit(
                AIReplied(
                    message_id=reply.id,
                    conversation_id=reply.conversation_id,
                    seq=taken[0],
                    recipients=[user_id],
                    kind=reply.kind,
                    answered_seqs=[seq for seq, _id in answered],
                    superseded_seqs=superseded,
                )
            )
        self._posted.labels(reply.kind, "ai").inc()
        return taken[0], True

    def fail(self, conversation_id: UUID, reply_id: UUID, message_ids: Sequence[UUID]) -> None:
        """Record that the reply failed for good, so that its messages offer a retry.

        Raises NotFound, Invalid for messages that are not there, Conflict `reply-settled` after it was delivered.
        """
        with self._database.transaction():
            user_id = self._locked_for(conversation_id)
            if replies.has_failed(conversation_id, reply_id):
                return
            if queries.find_by_id(self._database, conversation_id, reply_id) is not None:
                raise Conflict("This reply was delivered already.", code="reply-settled")
            self._asked(conversation_id, message_ids)
            replies.record_failure(conversation_id, reply_id, message_ids)
            failed = replies.set_reply_status(self._database, conversation_id, message_ids, "failed", only=("pending",))
            self._outbox.emit(
                AIReplyFailed(
                    reply_id=reply_id,
                    conversation_id=conversation_id,
                    recipients=[user_id],
                    message_ids=[message_id for _seq, message_id in failed],
                    seqs=[seq for seq, _id in failed],
                )
            )

    def _locked_for(self, conversation_id: UUID) -> UUID:
        ends = conversations.lock_conversation(self._database, conversation_id)
        if ends is None:
            raise NotFound()
        return ends[0]

    def _asked(self, conversation_id: UUID, message_ids: Sequence[UUID]) -> list[Message]:
        asked = queries.find_asked(self._database, conversation_id, message_ids)
        if not asked or len(asked) != len(set(message_ids)):
            raise Invalid(errors={"message_ids": ["Not all of them are messages of users in this conversation."]})
        return asked
