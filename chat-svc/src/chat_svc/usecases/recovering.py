"""Finishing or refusing sends with media that were left half-way, and letting the uploads of refused ones go."""

from __future__ import annotations

import structlog

from chassis.db import Database
from chassis.errors import DomainError
from chat_svc.domain.sends import Send
from chat_svc.queries import sends as queries
from chat_svc.usecases.media_sends import MediaSends

log = structlog.get_logger("sends")

BATCH = 20
GIVE_UP_AFTER_S = 600.0
"""Not admitted for so long, a send is refused: nobody expects it any more, and its upload is needed elsewhere."""


class Recovering:
    """What becomes of sends whose request died or did not learn what had happened."""

    def __init__(self, database: Database, sends: MediaSends) -> None:
        self._database = database
        self._sends = sends

    def recover(self) -> bool:
        """Take one batch of sends that nobody moves further; whether to go on with the next at once."""
        with self._database.transaction():
            stuck = queries.take_stuck(self._database, BATCH)
        moved = sum(self._recover(send, age) for send, age in stuck)
        return moved > 0 and len(stuck) == BATCH

    def release(self) -> bool:
        """Let one batch of uploads go; whether to go on with the next at once."""
        with self._database.transaction():
            due = queries.take_releases(self._database, BATCH)
        done = 0
        for one in due:
            try:
                self._sends.release(one.upload_id, one.send_id)
                done += 1
            except DomainError as error:
                log.warning("release_postponed", send_id=str(one.send_id), code=error.code)
        return done > 0 and len(due) == BATCH

    def forget(self) -> int:
        """Delete the rows of sends that ended long ago; how many."""
        return queries.forget_ended(self._database)

    def _recover(self, send: Send, age: float) -> bool:
        try:
            if send.state != "admitted" and age > GIVE_UP_AFTER_S:
                return self._sends.give_up(send)
            written = self._sends.drive(send, send.permit_id) is not None
        except DomainError as error:
            log.warning("send_not_recovered", send_id=str(send.id), state=send.state, code=error.code)
            return not error.retryable
        log.info("send_recovered", send_id=str(send.id), written=written)
        return True
