"""Lets go of what is kept no longer (MEDIA-5, MEDIA-8): may be broken off, repeated and run beside the platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import structlog

from chassis.db import Database
from chassis.times import utcnow
from media_svc.domain.keys import incoming_key, upload_of
from media_svc.domain.retention import ORPHAN_AFTER, fate_of_object, fate_of_row
from media_svc.ports import NoColderClass, NoObject, ObjectStore, StoredObject
from media_svc.queries import retention as queries
from media_svc.queries.retention import Row
from media_svc.usecases.inventory import inventory
from media_svc.usecases.takedowns import Takedowns

log = structlog.get_logger("retention")
T = TypeVar("T")


@dataclass
class Swept:
    """What a sweep did, or in a dry run would have done. `lost` and `kept` are keys that somebody has to look at:
    objects that should be there, and objects without a row that nothing here may delete."""

    unused_uploads: int = 0
    tombstones: int = 0
    orphan_objects: int = 0
    orphan_rows: int = 0
    cooled: int = 0
    lost: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


class Retention:
    """Each part takes `dry_run`: then it counts and changes nothing. Raises Unavailable where the store is away."""

    def __init__(self, database: Database, store: ObjectStore, takedowns: Takedowns) -> None:
        self._database = database
        self._store = store
        self._takedowns = takedowns

    def sweep(self, *, dry_run: bool = False) -> Swept:
        """All parts, one after the other."""
        swept = Swept()
        self._unused(swept, dry_run)
        self._tombstones(swept, dry_run)
        self._orphans(swept, dry_run)
        self._cool(swept, dry_run)
        _tell(swept, dry_run)
        return swept

    def sweep_uploads(self) -> None:
        """The parts that look at rows only: often."""
        swept = Swept()
        self._unused(swept, False)
        self._tombstones(swept, False)
        if swept != Swept():
            _tell(swept, False)

    def sweep_store(self) -> None:
        """The parts that look at every object or old row: rarely."""
        swept = Swept()
        self._orphans(swept, False)
        self._cool(swept, False)
        _tell(swept, False)

    def _unused(self, swept: Swept, dry_run: bool) -> None:
        """Uploads that were abandoned or never used. Their jobs take the objects away."""
        for upload_id in self._pages(queries.unused):
            if dry_run:
                swept.unused_uploads += 1
                continue
            with self._database.transaction():
                if queries.lock_unused(self._database, upload_id):
                    self._takedowns.remove(upload_id, "unused", urgent=False)
                    swept.unused_uploads += 1

    def _tombstones(self, swept: Swept, dry_run: bool) -> None:
        """Tombstones of URLs by which nothing can be put any more. The object first: its row is what tells of it."""
        page: list[UUID] = []

        def end_page() -> None:
            if page and not dry_run:
                self._store.remove([incoming_key(upload_id) for upload_id in page])
                with self._database.transaction():
                    queries.forget_tombstones(self._database, page)
            swept.tombstones += len(page)
            page.clear()

        for upload_id in self._pages(queries.expired_tombstones):
            page.append(upload_id)
            if len(page) == queries.PAGE:
                end_page()
        end_page()

    def _orphans(self, swept: Swept, dry_run: bool) -> None:
        """Objects without a row and rows without an object, older than a day."""
        oldest = utcnow() - ORPHAN_AFTER
        for entry in inventory(self._database, self._store):
            if entry.row is None and entry.stored is not None and entry.stored.modified_at < oldest:
                self._orphan_object(entry.stored, swept, dry_run)
            elif entry.stored is None and entry.row is not None and entry.row.created_at < oldest:
                self._orphan_row(entry.row, swept, dry_run)

    def _orphan_object(self, stored: StoredObject, swept: Swept, dry_run: bool) -> None:
        upload_id = upload_of(stored.key)
        with self._database.reading():
            if queries.row_of(self._database, stored.key) is not None:
                return
            known = queries.standings(self._database, [upload_id] if upload_id else [])
        fate = fate_of_object(stored.key, known.get(upload_id) if upload_id else None, utcnow())
        if fate == "keep":
            swept.kept.append(stored.key)
        elif fate == "remove":
            swept.orphan_objects += 1
            if not dry_run:
                self._store.remove([stored.key])

    def _orphan_row(self, row: Row, swept: Swept, dry_run: bool) -> None:
        if self._store.head(row.key) is not None:
            return
        with self._database.transaction():
            found = queries.row_of(self._database, row.key)
            if found is None:
                return
            fate = fate_of_row(found.evidence, found.shown, found.upload)
            if fate == "keep":
                swept.lost.append(row.key)
            elif fate == "remove":
                swept.orphan_rows += 1
                if not dry_run:
                    queries.forget_row(self._database, row.key)

    def _cool(self, swept: Swept, dry_run: bool) -> None:
        """Media older than 90 days into the colder class. The object first: its row is what tells of the work left."""
        for _created_at, key in self._pages(queries.warm):
            if not dry_run:
                try:
                    self._store.set_storage_class(key, "STANDARD_IA")
                except NoColderClass:
                    log.info("no_colder_class")
                    return
                except NoObject:
                    # The orphans' part tells of it, unless it has just been removed.
                    continue
                with self._database.transaction():
                    queries.mark_cold(self._database, key)
            swept.cooled += 1

    def _pages(self, page_after: Callable[[Database, T | None], Sequence[T]]) -> Iterator[T]:
        after: T | None = None
        while True:
            with self._database.reading():
                page = page_after(self._database, after)
            yield from page
            if len(page) < queries.PAGE:
                return
            after = page[-1]


def _tell(swept: Swept, dry_run: bool) -> None:
    told = {name: value if isinstance(value, int) else len(value) for name, value in vars(swept).items()}
    log.info("media_swept", dry_run=dry_run, **told)
    if swept.lost:
        log.error("media_lost", count=len(swept.lost))
