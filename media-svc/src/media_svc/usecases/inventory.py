"""Objects and rows side by side, in the order of their keys: what has no counterpart on the other side shows itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chassis.db import Database
from media_svc.ports import ObjectStore, StoredObject
from media_svc.queries.retention import Row, rows_by_key


@dataclass(frozen=True)
class Entry:
    """What is known of one key; one of the two is None where it has no counterpart."""

    key: str
    stored: StoredObject | None
    row: Row | None


def inventory(database: Database, store: ObjectStore) -> Iterator[Entry]:
    """Every key once, in little memory. Both sides change meanwhile: who acts on an entry looks again before."""
    objects, rows = store.list(""), rows_by_key(database)
    stored, row = next(objects, None), next(rows, None)
    while stored is not None or row is not None:
        if row is None or (stored is not None and stored.key < row.key):
            assert stored is not None  # noqa: S101 - tells mypy what the loop's condition says
            yield Entry(stored.key, stored, None)
            stored = next(objects, None)
        elif stored is None or row.key < stored.key:
            yield Entry(row.key, None, row)
            row = next(rows, None)
        else:
            yield Entry(row.key, stored, row)
            stored, row = next(objects, None), next(rows, None)
