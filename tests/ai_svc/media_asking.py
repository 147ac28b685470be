"""What tests of replies with media share: the decision for a picture, and what chat-svc gets of it."""

from typing import Any

from ai_svc.domain.conversation import Decision
from chassis.contracts.chat import AIReplyRequested

BEACH = Decision("image", "Me at the beach.", ("beach", "sea"))


def sent(event: AIReplyRequested, asset: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What chat-svc gets for a reply with media."""
    return {
        "message_ids": [str(event.message_ids[0])],
        "kind": "image",
        "text": BEACH.text,
        "engine": "model",
        "media": {
            "upload_id": asset["upload_id"],
            "asset_id": asset["asset_id"],
            "description": asset["media"],
            "nsfw_flag": "safe",
            "version": 3,
        },
        **more,
    }
