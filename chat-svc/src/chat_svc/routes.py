"""The public routes of chat-svc."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import auth
from chassis.web.schemas import Cursors, PageQuery
from chassis.web.strictjson import Blueprint
from chat_svc.domain.messages import message_view
from chat_svc.schemas.conversations import ConversationPage, ConversationSchema, MarkerBody, OpenBody
from chat_svc.schemas.messages import (
    MessageSchema,
    MessagesQuery,
    MessagesSchema,
    RegenerateBody,
    RegeneratedSchema,
    SendBody,
)
from chat_svc.usecases import Usecases
from chat_svc.usecases.media_sends import MediaDraft
from chat_svc.usecases.sending import Draft


def _caller() -> UUID:
    return UUID(auth.current_user_id())


def blueprint(usecases: Usecases, cursors: Cursors) -> Blueprint:
    """Conversations and what is said in them."""
    chat = Blueprint("chat", __name__, url_prefix="/v1/conversations")

    @chat.post("")
    @auth.user
    @chat.arguments(OpenBody)
    @chat.response(201, ConversationSchema)
    @chat.alt_response(200, schema=ConversationSchema, description="It was there.")
    def open_conversation(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """Open the conversation with a companion (CHAT-1)."""
        conversation, opened = usecases.conversations.open(_caller(), body["companion_id"])
        return conversation, 201 if opened else 200

    @chat.get("")
    @auth.user
    @chat.arguments(PageQuery, location="query")
    @chat.response(200, ConversationPage)
    def list_conversations(query: dict[str, Any]) -> dict[str, Any]:
        """My conversations, newest activity first (CHAT-2)."""
        caller = _caller()
        scope = f"conversations:{caller}"
        start = cursors.open(scope, query["cursor"])
        before = (datetime.fromisoformat(start[0]), UUID(start[1])) if start else None
        page = usecases.conversations.page(caller, before, query["limit"])
        following = page.next_from
        position = cursors.seal(scope, [following[0].isoformat(), str(following[1])]) if following else None
        return {"items": page.items, "next_cursor": position}

    @chat.get("/<uuid7:conversation_id>")
    @auth.user
    @chat.response(200, ConversationSchema)
    def show_conversation(conversation_id: str) -> dict[str, Any]:
        """One conversation."""
        return usecases.conversations.show(_caller(), UUID(conversation_id))

    @chat.get("/<uuid7:conversation_id>/messages")
    @auth.user
    @chat.arguments(MessagesQuery, location="query")
    @chat.response(200, MessagesSchema)
    def list_messages(query: dict[str, Any], conversation_id: str) -> dict[str, Any]:
        """Messages before or after a number, or the newest (CHAT-3)."""
        return usecases.messages.page(_caller(), UUID(conversation_id), **query)

    @chat.post("/<uuid7:conversation_id>/messages")
    @auth.user
    @chat.arguments(SendBody)
    @chat.response(201, MessageSchema)
    @chat.alt_response(200, schema=MessageSchema, description="This client_id has made it before.")
    def send_message(body: dict[str, Any], conversation_id: str) -> tuple[dict[str, Any], int]:
        """Send a message (CHAT-4)."""
        caller, place = _caller(), UUID(conversation_id)
        client_id, permit_id = body["client_id"], body["permit_id"]
        if body["upload_id"] is None:
            text = Draft(client_id, permit_id, body["text"])
            message, written = usecases.sending.send(caller, place, text)
        else:
            media = MediaDraft(client_id, permit_id, body["kind"], body["text"], body["upload_id"])
            message, written = usecases.media_sends.send(caller, place, media)
        return message_view(message, caller), 201 if written else 200

    @chat.post("/<uuid7:conversation_id>/read")
    @auth.user
    @chat.arguments(MarkerBody)
    @chat.response(204)
    def mark_read(body: dict[str, Any], conversation_id: str) -> None:
        """Move my read marker (CHAT-7)."""
        usecases.conversations.mark_read(_caller(), UUID(conversation_id), body["seq"])

    @chat.post("/<uuid7:conversation_id>/delivered")
    @auth.user
    @chat.arguments(MarkerBody)
    @chat.response(204)
    def mark_delivered(body: dict[str, Any], conversation_id: str) -> None:
        """Move my delivered marker."""
        usecases.conversations.mark_delivered(_caller(), UUID(conversation_id), body["seq"])

    @chat.post("/<uuid7:conversation_id>/regenerate")
    @auth.user
    @chat.arguments(RegenerateBody)
    @chat.response(202, RegeneratedSchema)
    def regenerate(body: dict[str, Any], conversation_id: str) -> dict[str, UUID]:
        """Ask for another reply (CHAT-7)."""
        reply_id = usecases.regenerating.regenerate(
            _caller(), UUID(conversation_id), body["client_id"], body["permit_id"]
        )
        return {"reply_id": reply_id}

    return chat
