"""The log behind the stream (CHAT-6): what happened to a user's things, kept for a day, read from any position."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from chassis.db import Database
from gateway.ports import Announcer
from gateway.queries import stream as queries
from gateway.queries.stream import Slice

BATCH = 100


class StreamLog:
    """Writes references into the logs of users and wakes their streams after the commit.

    The writing methods may run inside the transaction of an inbox. Each may be repeated or come in any order: the
    messages of a conversation are logged as created once and by ascending `seq`, missing ones first.
    """

    def __init__(self, database: Database, announcer: Announcer) -> None:
        self._database = database
        self._announcer = announcer

    def message_posted(self, conversation_id: UUID, seq: int, recipients: Sequence[UUID]) -> None:
        """A message was written, which moves its conversation up in the list of threads."""
        with self._database.transaction():
            created = self._created_up_to(conversation_id, seq)
            self._append(recipients, [*created, _conversation(conversation_id)])

    def reply_written(
        self, conversation_id: UUID, seq: int, recipients: Sequence[UUID], changed_seqs: Sequence[int]
    ) -> None:
        """A companion's reply was written; the messages at `changed_seqs` were answered or replaced by it."""
        with self._database.transaction():
            created = self._created_up_to(conversation_id, max([seq, *changed_seqs]))
            updated = _updated(conversation_id, changed_seqs)
            self._append(recipients, [*created, *updated, _conversation(conversation_id)])

    def reply_failed(
        self,
        conversation_id: UUID,
        reply_id: UUID,
        recipients: Sequence[UUID],
        message_ids: Sequence[UUID],
        seqs: Sequence[int],
    ) -> None:
        """A reply failed for good (CHAT-8); the messages at `seqs` now say so."""
        subject = {
            "conversation_id": str(conversation_id),
            "reply_id": str(reply_id),
            "message_ids": [str(message_id) for message_id in message_ids],
        }
        with self._database.transaction():
            created = self._created_up_to(conversation_id, max(seqs, default=0))
            self._append(recipients, [*created, ("reply.failed", subject), *_updated(conversation_id, seqs)])

    def messages_updated(self, conversation_id: UUID, recipients: Sequence[UUID], seqs: Sequence[int]) -> None:
        """Something about existing messages changed."""
        with self._database.transaction():
            created = self._created_up_to(conversation_id, max(seqs, default=0))
            self._append(recipients, [*created, *_updated(conversation_id, seqs)])

    def conversation_changed(self, conversation_id: UUID, recipients: Sequence[UUID]) -> None:
        """A conversation was opened, or its markers moved."""
        with self._database.transaction():
            self._append(recipients, [_conversation(conversation_id)])

    def upload_changed(self, upload_id: UUID, recipients: Sequence[UUID]) -> None:
        """An upload arrived, or its processing went on or ended (MEDIA-5)."""
        with self._database.transaction():
            self._append(recipients, [("upload.updated", {"upload_id": str(upload_id)})])

    def quota_changed(self, user_id: UUID, companion_id: UUID, conversation_id: UUID) -> None:
        """Free quota was spent or returned (QUOTA-1)."""
        subject = {"conversation_id": str(conversation_id), "companion_id": str(companion_id)}
        with self._database.transaction():
            self._append([user_id], [("quota.changed", subject)])

    def premium_changed(self, user_id: UUID) -> None:
        """Premium was granted or taken back."""
        with self._database.transaction():
            self._append([user_id], [("premium.changed", {})])

    def last(self, user_id: UUID) -> int:
        """The position at the end of the user's log."""
        with self._database.reading():
            return queries.last(self._database, user_id)

    def after(self, user_id: UUID, position: int) -> Slice:
        """What follows a position, at most a batch of it."""
        with self._database.reading():
            return queries.after(self._database, user_id, position, BATCH)

    def prune(self) -> int:
        """Forget what is older than a day."""
        with self._database.transaction():
            return queries.prune(self._database)

    def _created_up_to(self, conversation_id: UUID, seq: int) -> list[tuple[str, dict[str, Any]]]:
        """`message.created` of everything up to `seq` that was not logged yet. Locks the conversation, always before
        any head of a user."""
        logged = queries.lock_conversation(self._database, conversation_id)
        if seq <= logged:
            return []
        queries.advance_conversation(self._database, conversation_id, seq)
        return [("message.created", _message(conversation_id, number)) for number in range(logged + 1, seq + 1)]

    def _append(self, recipients: Sequence[UUID], references: queries.References) -> None:
        if not recipients or not references:
            return
        queries.append(self._database, recipients, references)
        self._database.after_commit(partial(self._announcer.wake, [str(user_id) for user_id in recipients]))


def _message(conversation_id: UUID, seq: int) -> dict[str, Any]:
    return {"conversation_id": str(conversation_id), "seq": seq}


def _updated(conversation_id: UUID, seqs: Sequence[int]) -> list[tuple[str, dict[str, Any]]]:
    return [("message.updated", _message(conversation_id, seq)) for seq in sorted(set(seqs))]


def _conversation(conversation_id: UUID) -> tuple[str, dict[str, Any]]:
    return "conversation.updated", {"conversation_id": str(conversation_id)}
