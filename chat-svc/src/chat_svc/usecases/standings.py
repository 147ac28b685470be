"""What media-svc tells of media after it was sent: taken down, judged anew, quarantined (MEDIA-7, MOD-2)."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from chassis.contracts.chat import MessagesUpdated
from chassis.contracts.media import MediaQuarantined, MediaStandingChanged
from chassis.db import Database
from chassis.ids import derive
from chassis.outbox import Outbox
from chat_svc.queries import standings as queries

log = structlog.get_logger("standings")

TOLD_AT_ONCE = 200
"""Conversations in one transaction: an asset that is taken down may be in very many."""


class Standings:
    """The read model of how media stands, and the incidents that the policy check opens."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    def keep(self, event: MediaStandingChanged, wake: Callable[[], None]) -> None:
        """Take over how the media stands; an older version that comes late changes nothing.

        `wake` runs after the commit, where there is somebody to `tell`.
        """
        with self._database.transaction():
            if queries.save_standing(self._database, event.upload_id, event.version, event.nsfw_flag, event.removed):
                self._database.after_commit(wake)

    def tell(self) -> bool:
        """Tell the participants of the next conversations that messages of theirs changed; whether there were any."""
        with self._database.transaction():
            untold = queries.take_untold(self._database)
            if untold is None:
                return False
            upload_id, after = untold
            concerned = queries.find_concerned(self._database, upload_id, after, TOLD_AT_ONCE)
            for one in concerned:
                self._outbox.emit(MessagesUpdated(one.conversation_id, [one.user_id], one.seqs))
            more = len(concerned) == TOLD_AT_ONCE
            queries.set_told(self._database, upload_id, concerned[-1].conversation_id if more else None)
        return True

    def open_incident(self, event: MediaQuarantined) -> None:
        """Put the upload and its owner on top of the moderators' queue, once (MOD-2)."""
        report_id = derive(event.upload_id, "report", event.reason)
        with self._database.transaction():
            opened = queries.open_incident(
                self._database,
                report_id,
                reason=event.reason,
                upload_id=event.upload_id,
                conversation_id=event.conversation_id,
                reported_user_id=event.owner_id,
            )
        if opened:
            log.warning("incident_opened", report_id=str(report_id), upload_id=str(event.upload_id))
