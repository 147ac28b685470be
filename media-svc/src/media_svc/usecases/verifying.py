"""Compares every object with its row, byte for byte (invariants 16 and 20)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import structlog

from chassis.db import Database
from chassis.times import utcnow
from media_svc.domain.keys import upload_of
from media_svc.domain.retention import ORPHAN_AFTER, fate_of_object
from media_svc.ports import NoObject, ObjectStore
from media_svc.queries import retention as queries
from media_svc.queries.retention import Row
from media_svc.usecases.inventory import Entry, inventory

log = structlog.get_logger("retention")


@dataclass
class Verified:
    """How many objects are what their rows say, and the keys of those that are not. Younger than a day, what has no
    counterpart yet is `young`."""

    good: int = 0
    young: int = 0
    without_object: list[str] = field(default_factory=list)
    without_row: list[str] = field(default_factory=list)
    other_bytes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.without_object or self.without_row or self.other_bytes)


class Verifying:
    """Changes nothing, and reads every byte that is kept."""

    def __init__(self, database: Database, store: ObjectStore) -> None:
        self._database = database
        self._store = store

    def verify(self) -> Verified:
        """Look at everything once. Raises Unavailable where the store is away."""
        verified = Verified()
        for entry in inventory(self._database, self._store):
            self._look(entry, verified)
        log.info("media_verified", good=verified.good, holds=verified.holds)
        return verified

    def _look(self, entry: Entry, verified: Verified) -> None:
        oldest = utcnow() - ORPHAN_AFTER
        if entry.row is None:
            if entry.stored is not None and self._is_expected(entry.key):
                return
            young = entry.stored is not None and entry.stored.modified_at > oldest
            _count(entry.key, young, verified, verified.without_row)
        elif self._has_its_bytes(entry.row):
            verified.good += 1
        elif self._store.head(entry.key) is not None:
            verified.other_bytes.append(entry.key)
        elif self._is_lost(entry.key):
            _count(entry.key, entry.row.created_at > oldest, verified, verified.without_object)

    def _is_expected(self, key: str) -> bool:
        """Whether it has no row by design (what lies at an incoming key), or has got one meanwhile."""
        upload_id = upload_of(key)
        with self._database.reading():
            if queries.row_of(self._database, key) is not None:
                return True
            known = queries.standings(self._database, [upload_id] if upload_id else [])
        upload = known.get(upload_id) if upload_id else None
        return fate_of_object(key, upload, utcnow()) == "expected"

    def _is_lost(self, key: str) -> bool:
        """Whether the row is there still, and does not wait for the job that follows a takedown."""
        with self._database.reading():
            row = queries.row_of(self._database, key)
        return row is not None and (row.evidence or not (row.upload.held or row.upload.removed))

    def _has_its_bytes(self, row: Row) -> bool:
        found, size = hashlib.sha256(), 0
        try:
            # One byte more than there should be shows an object that has grown.
            for piece in self._store.read(row.key, 0, row.size + 1):
                found.update(piece)
                size += len(piece)
        except NoObject:
            return False
        return (size, found.hexdigest()) == (row.size, row.sha256)


def _count(key: str, young: bool, verified: Verified, old: list[str]) -> None:
    if young:
        verified.young += 1
    else:
        old.append(key)
