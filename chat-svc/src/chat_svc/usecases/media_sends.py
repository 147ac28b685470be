"""Sending media: claimed at media-svc, admitted by quota-svc, written as a message; each step once (CHAT-4, CHAT-5)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import structlog
from prometheus_client import Counter

from chassis.contracts.chat import MediaSent
from chassis.db import Database
from chassis.errors import DomainError, NotFound, Unavailable
from chassis.ids import uuid7
from chassis.outbox import Outbox
from chat_svc.domain.messages import Message, client_id_reused, companion_unavailable, same_send
from chat_svc.domain.sends import Send
from chat_svc.queries import conversations, messages
from chat_svc.queries import sends as queries
from chat_svc.usecases.neighbours import Quotas, Uploads
from chat_svc.usecases.posting import NotWrittenError, post
from chat_svc.usecases.steps import admission_of, send_of

log = structlog.get_logger("sends")

LOOKS = 6
"""How often one request looks again at a send that others change at the same time."""


@dataclass(frozen=True)
class MediaDraft:
    """Media that a user wants to send, valid in itself. `text`: its caption."""

    client_id: UUID
    permit_id: str
    kind: str
    text: str | None
    upload_id: UUID


class _OvertakenError(Exception):
    """Undoes the transaction: somebody else has moved the send meanwhile."""


class MediaSends:
    """Users' media to companions, as rows of `sends` that anybody may drive on: equal requests, and the recoverer.

    Every call to a neighbour may be repeated, and every step is a compare-and-set on the row, so that of all who drive
    one send each step counts for one. Who is overtaken looks again. A refusal frees the client_id for another attempt.
    """

    def __init__(self, database: Database, outbox: Outbox, quotas: Quotas, uploads: Uploads, posted: Counter) -> None:
        self._database = database
        self._outbox = outbox
        self._quotas = quotas
        self._uploads = uploads
        self._posted = posted

    def send(self, sender_id: UUID, conversation_id: UUID, draft: MediaDraft) -> tuple[Message, bool]:
        """The message, and whether this call wrote it; a repeated client_id gets the first one.

        Killed anywhere before the message: a repeat or the recoverer goes on from the step that was reached.
        Raises, first hit wins, NotFound, Conflict `client-id-reused`, `companion-unavailable`, what the claim raises,
        what the admission raises; then nothing is spent and the upload is let go. Unavailable: the outcome is unknown.
        """
        for _ in range(LOOKS):
            with self._database.reading():
                place = messages.find_place(self._database, conversation_id, sender_id, draft.client_id)
                send = queries.find_send(self._database, conversation_id, sender_id, draft.client_id)
            if place is None:
                raise NotFound()
            if place.earlier is not None:
                if not same_send(place.earlier, draft.kind, draft.text, draft.upload_id):
                    raise client_id_reused()
                return place.earlier, False
            if send is None or send.state == "refused":
                if not place.companion_is_active:
                    raise companion_unavailable()
                send = self._start(sender_id, conversation_id, draft, send)
            elif send.is_unfinished and not send.is_made_of(draft.kind, draft.text, draft.upload_id):
                raise client_id_reused()
            if send is not None and send.is_unfinished:
                message = self.drive(send, draft.permit_id)
                if message is not None:
                    return message, True
        raise Unavailable("The message was not sent. Please try again.")

    def drive(self, send: Send, permit_id: str) -> Message | None:
        """Take an unfinished send to its end; the message if this call wrote it, None if somebody else moved the send.

        Raises the refusal that ended it, or Unavailable: then it stays where it is.
        """
        on_its_way = self._claim(send) if send.state == "claiming" else send
        if on_its_way is not None and on_its_way.state == "claimed":
            on_its_way = self._admit(on_its_way, permit_id)
        return self._write(on_its_way) if on_its_way is not None else None

    def give_up(self, send: Send) -> bool:
        """Refuse a send that was not admitted as far as we know; False where somebody else moved it.

        An admission that we did not hear of is taken back by quota-svc, which asks (`Settling`).
        """
        with self._database.transaction():
            refused = queries.refuse(self._database, send)
        if refused:
            log.warning("send_given_up", send_id=str(send.id), state=send.state)
        return refused

    def release(self, upload_id: UUID, send_id: UUID) -> None:
        """Let the upload of a refused send go. Raises Unavailable: then the recoverer does it later."""
        self._uploads.release(upload_id, send_id)
        with self._database.transaction():
            queries.released(self._database, send_id)

    def _start(self, sender_id: UUID, conversation_id: UUID, draft: MediaDraft, refused: Send | None) -> Send | None:
        """The new attempt, or None where somebody else was faster. The one before must have let its upload go."""
        attempt = 1
        if refused is not None:
            self._uploads.release(refused.upload_id, refused.id)
            attempt = refused.attempt + 1
        send = Send(
            conversation_id, sender_id, draft.client_id,
            send_of(conversation_id, sender_id, draft.client_id, attempt), attempt,
            draft.kind, draft.text, draft.upload_id, draft.permit_id, "claiming", None, None,
        )  # fmt: skip
        with self._database.transaction():
            return queries.start(self._database, send)

    def _claim(self, send: Send) -> Send | None:
        try:
            media = self._uploads.claim(
                send.upload_id,
                send_id=send.id,
                user_id=send.sender_id,
                conversation_id=send.conversation_id,
                kind=send.kind,
            )
        except DomainError as error:
            self._refuse(send, error)
            return None
        with self._database.transaction():
            claimed = queries.set_claimed(self._database, send, media)
            if claimed is None:
                now = queries.find_send(self._database, send.conversation_id, send.sender_id, send.client_id)
                if now is None or now.id != send.id or now.state == "refused":
                    # The attempt had ended before our claim arrived, and nobody else knows of it.
                    queries.owe_release(self._database, send)
        return claimed

    def _admit(self, send: Send, permit_id: str) -> Send | None:
        with self._database.reading():
            ends = conversations.find_ends(self._database, send.conversation_id)
        if ends is None:
            raise NotFound()
        try:
            generation = self._quotas.admit(
                admission_of("media", send.conversation_id, send.sender_id, send.client_id),
                user_id=send.sender_id,
                companion_id=ends[1],
                conversation_id=send.conversation_id,
                permit_id=permit_id,
                client_id=send.client_id,
                spend="media",
            )
        except DomainError as error:
            self._refuse(send, error)
            return None
        with self._database.transaction():
            return queries.set_admitted(self._database, send, generation)

    def _write(self, send: Send) -> Message | None:
        new = messages.NewMessage(
            uuid7(), send.conversation_id, send.sender_id, send.client_id, send.kind, send.text,
            admission_of("media", send.conversation_id, send.sender_id, send.client_id), send.generation or 0,
            send.media,
        )  # fmt: skip
        try:
            with self._database.transaction():
                ends = conversations.lock_conversation(self._database, send.conversation_id)
                if ends is None or not queries.set_messaged(self._database, send):
                    raise _OvertakenError()
                message = post(self._database, self._outbox, new, ends[1])
                self._outbox.emit(
                    MediaSent(new.id, send.conversation_id, send.sender_id, send.upload_id, send.id, send.kind)
                )
        except _OvertakenError:
            return None
        except NotWrittenError:
            # A text was faster that had been let in before we began; or quota-svc was told that nothing came of the
            # admission, and the next attempt is admitted afresh.
            with self._database.reading():
                earlier = messages.find_sent(self._database, send.conversation_id, send.sender_id, send.client_id)
            not_sent = Unavailable("The message was not sent. Please try again.")
            self._refuse(send, client_id_reused() if earlier else not_sent, is_final=True)
            return None
        self._posted.labels(send.kind, "user").inc()
        log.info("media_sent", message_id=str(new.id), upload_id=str(send.upload_id), kind=send.kind)
        return message

    def _refuse(self, send: Send, error: DomainError, *, is_final: bool = False) -> None:
        """End the attempt with `error`, unless somebody else moved the send or it is unknown what has happened.

        Raises `error` where it ended the attempt or the outcome is unknown.
        """
        if error.retryable and not is_final:
            raise error
        with self._database.transaction():
            refused = queries.refuse(self._database, send)
        if not refused:
            return
        try:
            self.release(send.upload_id, send.id)
        except DomainError as failure:
            log.warning("release_postponed", send_id=str(send.id), code=failure.code)
        raise error
