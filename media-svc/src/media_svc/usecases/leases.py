"""Keeps the lease of a job while something slow is done under it."""

from __future__ import annotations

import threading
from types import TracebackType

import structlog

from chassis.errors import DomainError
from chassis.jobs import JobTable, Lease, LeaseLost
from media_svc.domain.processing import LEASE_S

log = structlog.get_logger("processing")

RENEWALS = 4
"""How often a lease is renewed in its own length."""


class LeaseKeeper:
    """Renews a lease from a thread of its own as long as the block lasts; a decode may take minutes."""

    def __init__(self, jobs: JobTable, lease: Lease, seconds: float = LEASE_S) -> None:
        self._jobs = jobs
        self._lease = lease
        self._seconds = seconds
        self._done = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{lease.id}", daemon=True)

    def check(self) -> None:
        """Raises LeaseLost once it is known that somebody else does the work by now."""
        if self._lost.is_set():
            raise LeaseLost()

    def __enter__(self) -> LeaseKeeper:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._done.wait(self._seconds / RENEWALS):
            try:
                self._jobs.renew(self._lease, self._seconds)
            except LeaseLost:
                self._lost.set()
                return
            except DomainError as error:
                # The lease may run out meanwhile: the fence decides in the end.
                log.warning("lease_not_renewed", upload_id=str(self._lease.id), error=error.code)
