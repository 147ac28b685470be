"""The rules of media as conversations tell them: media-svc's, remembered for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from chassis.errors import DomainError
from chat_svc.domain.media import Rules, rules_while_unknown
from chat_svc.usecases.neighbours import Uploads

log = structlog.get_logger("media_rules")

FRESH_S = 300.0
ASK_AGAIN_S = 5.0
"""After media-svc did not answer."""


class MediaRules:
    """One process's copy. `known` never asks anybody, so that internal routes and the stream depend on no neighbour."""

    def __init__(self, uploads: Uploads, clock: Callable[[], float] = time.monotonic) -> None:
        self._uploads = uploads
        self._clock = clock
        self._rules: Rules | None = None
        self._ask_at = clock()
        self._asking = threading.Lock()

    def known(self) -> Rules:
        """The rules that media-svc told last; where it has told none yet, that nothing can be sent now."""
        return self._rules or rules_while_unknown()

    def refreshed(self) -> Rules:
        """The rules at most five minutes old, where media-svc answers; else the last known ones.

        Only one caller asks at a time; while none are known the others wait for it.
        """
        if self._clock() >= self._ask_at and self._asking.acquire(blocking=self._rules is None):
            try:
                if self._clock() >= self._ask_at:
                    self._ask()
            finally:
                self._asking.release()
        return self.known()

    def _ask(self) -> None:
        try:
            self._rules = self._uploads.rules()
            self._ask_at = self._clock() + FRESH_S
        except DomainError as error:
            self._ask_at = self._clock() + ASK_AGAIN_S
            log.warning("media_rules_unknown", code=error.code, last_known=self._rules is not None)
