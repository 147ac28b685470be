"""What neighbours ask of chat-svc. These routes call no other service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis import auth
from chassis.web.strictjson import Blueprint
from chat_svc.domain.media import Media
from chat_svc.schemas.internal import (
    ContextBody,
    ContextSchema,
    ConversationsBatchBody,
    ConversationsBatchSchema,
    DeliveredSchema,
    EmptySchema,
    FailureBody,
    MessagesBatchBody,
    MessagesBatchSchema,
    ParticipationBody,
    ParticipationsSchema,
    ReplyBody,
    SettleBody,
    SettledSchema,
)
from chat_svc.usecases import Usecases
from chat_svc.usecases.replies import Context, NewReply


def blueprint(usecases: Usecases) -> Blueprint:
    """The routes of the other four."""
    internal = Blueprint("internal", __name__, url_prefix="/internal")

    @internal.post("/conversations/<uuid7:conversation_id>/context")
    @auth.callers("ai-svc")
    @internal.arguments(ContextBody)
    @internal.response(200, ContextSchema)
    def context(body: dict[str, Any], conversation_id: str) -> Context:
        """What a reply to these messages is written from (AI-2)."""
        return usecases.replies.context(UUID(conversation_id), body["message_ids"], body["limit"])

    @internal.put("/conversations/<uuid7:conversation_id>/replies/<uuid7:reply_id>")
    @auth.callers("ai-svc")
    @internal.arguments(ReplyBody)
    @internal.response(201, DeliveredSchema)
    @internal.alt_response(200, schema=DeliveredSchema, description="It was there.")
    def deliver(body: dict[str, Any], conversation_id: str, reply_id: str) -> tuple[dict[str, Any], int]:
        """A reply was written (CHAT-8)."""
        reply = NewReply(
            UUID(reply_id),
            UUID(conversation_id),
            tuple(dict.fromkeys(body["message_ids"])),
            body["kind"],
            body["text"],
            body["engine"],
            Media(**body["media"]) if body["media"] else None,
        )
        seq, written = usecases.replies.deliver(reply)
        return {"message_id": reply.id, "seq": seq}, 201 if written else 200

    @internal.put("/conversations/<uuid7:conversation_id>/replies/<uuid7:reply_id>/failure")
    @auth.callers("ai-svc")
    @internal.arguments(FailureBody)
    @internal.response(200, EmptySchema)
    def fail(body: dict[str, Any], conversation_id: str, reply_id: str) -> dict[str, Any]:
        """A reply failed for good (CHAT-8)."""
        usecases.replies.fail(UUID(conversation_id), UUID(reply_id), list(dict.fromkeys(body["message_ids"])))
        return {}

    @internal.post("/messages:batch")
    @auth.callers("gateway")
    @internal.arguments(MessagesBatchBody)
    @internal.response(200, MessagesBatchSchema)
    def messages_batch(body: dict[str, Any]) -> dict[str, Any]:
        """Messages for the stream, as the viewer sees them."""
        places = [(ref["conversation_id"], ref["seq"]) for ref in body["refs"]]
        return {"items": usecases.messages.seen_by(body["viewer"], places)}

    @internal.post("/conversations:batch")
    @auth.callers("gateway")
    @internal.arguments(ConversationsBatchBody)
    @internal.response(200, ConversationsBatchSchema)
    def conversations_batch(body: dict[str, Any]) -> dict[str, Any]:
        """Conversations for the stream, as the viewer sees them; the gateway adds quotas and premium."""
        return {"items": usecases.conversations.seen_by(body["viewer"], body["ids"])}

    @internal.post("/conversations/standing")
    @auth.callers("media-svc")
    @internal.arguments(ParticipationBody)
    @internal.response(200, ParticipationsSchema)
    def participation(body: dict[str, Any]) -> dict[str, Any]:
        """Which of these conversations and companions a user has to do with (MEDIA-6)."""
        mine, companions = usecases.conversations.among(
            body["user_id"], body["conversation_ids"], body["companion_ids"]
        )
        conversations = [
            {"conversation_id": conversation_id, "type": "companion", "companion_id": companion_id}
            for conversation_id, companion_id in mine
        ]
        return {"conversations": conversations, "companion_ids": companions}

    @internal.post("/sends/settle")
    @auth.callers("quota-svc")
    @internal.arguments(SettleBody)
    @internal.response(200, SettledSchema)
    def settle(body: dict[str, Any]) -> dict[str, bool]:
        """Whether an admission became something; where it did not, it never will."""
        return {"exists": usecases.settling.settle(**body)}

    return internal
