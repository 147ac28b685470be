"""Tells the user's clients how a reply comes along (AI-5)."""

from __future__ import annotations

import time

from ai_svc.domain.replies import MediaKind
from ai_svc.queries.replies import Job
from ai_svc.usecases.replies import Replies
from chassis.bus import Signals

RENEW_AFTER_S = 2.0


class Telling:
    """Tells the user's clients what goes on (AI-5), in signals that may be lost, and keeps the lease meanwhile."""

    def __init__(self, job: Job, signals: Signals, replies: Replies) -> None:
        self._job = job
        self._signals = signals
        self._replies = replies
        self._renewed = time.monotonic()
        self._shown = 0

    def start(self) -> None:
        """The reply is being made; again: forget what was shown of it."""
        self._shown = 0
        self._send("reply.started")
        self._send("reply.progress", stage="typing")

    def begin(self) -> None:
        """A try begins. Raises LeaseLost when somebody else is making the reply by now."""
        if self._shown:
            self.start()
        if time.monotonic() - self._renewed > RENEW_AFTER_S:
            self._replies.renew(self._job.lease)
            self._renewed = time.monotonic()

    def show(self, text: str) -> None:
        """Text to append to what was shown."""
        self._send("reply.delta", index=self._shown, text=text)
        self._shown += 1

    def choosing(self, kind: MediaKind) -> None:
        """Media is being looked for."""
        self._send("reply.progress", stage=f"choosing_{kind}")

    def _send(self, event: str, **more: object) -> None:
        ids = {"conversation_id": str(self._job.conversation_id), "reply_id": str(self._job.id)}
        self._signals.send({"user_id": str(self._job.user_id), "event": event, "data": {**ids, **more}})
