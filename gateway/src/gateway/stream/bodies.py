"""What the references of the log stand for, asked of their owners at the moment of delivery, one batch each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.auth import Signer
from chassis.errors import Unavailable
from chassis.upstream import Network, Upstream
from gateway.queries.stream import Entry

TIMEOUT_S = 3.0
NOTHING_FREE = {"text": 0, "media": 0, "audio": 0}
FAILED_TEXT = "Sorry, I could not answer you just now. You got your message back; please try again."
Body = Mapping[str, Any]


class Bodies:
    """Fetches bodies as their viewer may see them now, so that what was deleted meanwhile arrives as deleted."""

    def __init__(self, network: Network, signer: Signer) -> None:
        self._network = network
        self._signer = signer
        self._upstreams: dict[str, Upstream] = {}

    def fetch(self, user_id: str, entries: Sequence[Entry]) -> list[Body | None]:
        """The data of each entry, None for one that its viewer may not see (any more).

        Raises Unavailable or the owner's refusal; then nothing was fetched.
        """
        try:
            messages = self._messages(user_id, entries)
            conversations = self._conversations(user_id, entries)
            uploads = self._uploads(user_id, entries)
            standing = self._standing(user_id, entries, conversations.values())
            return [_data(entry, messages, conversations, uploads, standing) for entry in entries]
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable("A neighbour gave an answer that makes no sense.") from error

    def _messages(self, user_id: str, entries: Sequence[Entry]) -> dict[tuple[str, int], Body | None]:
        refs = _unique(
            (entry.subject["conversation_id"], entry.subject["seq"])
            for entry in entries
            if entry.event in ("message.created", "message.updated")
        )
        if not refs:
            return {}
        asked = [{"conversation_id": conversation_id, "seq": seq} for conversation_id, seq in refs]
        answer = self._call("chat-svc", "/internal/messages:batch", {"viewer": user_id, "refs": asked})
        return dict(zip(refs, answer["items"], strict=True))

    def _conversations(self, user_id: str, entries: Sequence[Entry]) -> dict[str, Body | None]:
        ids = _unique(entry.subject["conversation_id"] for entry in entries if entry.event == "conversation.updated")
        if not ids:
            return {}
        answer = self._call("chat-svc", "/internal/conversations:batch", {"viewer": user_id, "ids": ids})
        return dict(zip(ids, answer["items"], strict=True))

    def _uploads(self, user_id: str, entries: Sequence[Entry]) -> dict[str, Body | None]:
        ids = _unique(entry.subject["upload_id"] for entry in entries if entry.event == "upload.updated")
        if not ids:
            return {}
        answer = self._call("media-svc", "/internal/uploads:batch", {"viewer": user_id, "ids": ids})
        return dict(zip(ids, answer["items"], strict=True))

    def _standing(
        self, user_id: str, entries: Sequence[Entry], conversations: Iterable[Body | None]
    ) -> Mapping[str, Any]:
        companions = _unique(
            [
                *(entry.subject["companion_id"] for entry in entries if entry.event == "quota.changed"),
                *(found["companion_id"] for found in conversations if found and found["companion_id"]),
            ]
        )
        if not companions and not any(entry.event == "premium.changed" for entry in entries):
            return {}
        standing: Mapping[str, Any] = self._call(
            "quota-svc", "/internal/standing", {"user_id": user_id, "companion_ids": companions}
        )
        return standing

    def _call(self, service: str, path: str, question: Mapping[str, Any]) -> Any:
        if service not in self._upstreams:
            # Not sooner: in a host that is one process the neighbours are made after us.
            self._upstreams[service] = self._network.upstream(service, self._signer)
        return self._upstreams[service].call("POST", path, question, timeout=TIMEOUT_S)


def _data(
    entry: Entry,
    messages: Mapping[tuple[str, int], Body | None],
    conversations: Mapping[str, Body | None],
    uploads: Mapping[str, Body | None],
    standing: Mapping[str, Any],
) -> Body | None:
    subject = entry.subject
    match entry.event:
        case "message.created" | "message.updated":
            return messages[subject["conversation_id"], subject["seq"]]
        case "conversation.updated":
            found = conversations[subject["conversation_id"]]
            if found is None or not found["companion_id"]:
                return found
            return {**found, **_remaining(standing, found["companion_id"])}
        case "upload.updated":
            return uploads[subject["upload_id"]]
        case "quota.changed":
            return {
                "conversation_id": subject["conversation_id"],
                **_remaining(standing, subject["companion_id"]),
            }
        case "premium.changed":
            return {"premium_until": standing["premium_until"], "premium_active": standing["premium_active"]}
        case "reply.failed":
            return {**subject, "text": FAILED_TEXT}
    # Written by a newer version of ours, which is being rolled out.
    return None


def _remaining(standing: Mapping[str, Any], companion_id: str) -> Body:
    return {
        "free_remaining": standing["quotas"].get(companion_id, NOTHING_FREE),
        "premium_active": standing["premium_active"],
    }


def _unique(items: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(items))
