"""What has been kept long enough, page by page, and the statements that let go of it under a guard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Database
from media_svc.domain.retention import COLD_AFTER, TOMBSTONE_AFTER, UNUSED_FOR, Standing

PAGE = 500
_UNUSED = (
    "used_by IS NULL AND removed_at IS NULL AND NOT held AND status IN ('uploading', 'completed', 'failed')"
    " AND created_at < now() - %(age)s AND coalesce(processed_at, created_at) < now() - %(age)s"
)
"""Its day begins when its processing ends: a check may be delayed for longer than a day. `created_at` is what the index
knows."""


@dataclass(frozen=True)
class Row:
    """An object's row, and what its upload says. `shown`: the upload's description names it."""

    upload: Standing
    key: str
    upload_id: UUID
    size: int
    sha256: str
    evidence: bool
    storage_class: str
    created_at: datetime
    shown: bool


@dataclass(frozen=True)
class Completed:
    """A completed upload that was judged by another policy than today's."""

    upload_id: UUID
    kind: str
    policy_version: str | None
    sha256_full: str
    sha256_original: str


def unused(database: Database, after: UUID | None) -> list[UUID]:
    """A page of the uploads that nothing has used for a day, by id. Those that are processed or evidence stay."""
    rows = database.rows(
        f"SELECT id FROM uploads WHERE {_UNUSED} AND (%(after)s::uuid IS NULL OR id > %(after)s)"  # noqa: S608
        " ORDER BY id LIMIT %(page)s",
        {"age": UNUSED_FOR, "after": after, "page": PAGE},
    )
    return [row[0] for row in rows]


def lock_unused(database: Database, upload_id: UUID) -> bool:
    """Lock an upload, so that nobody claims it any more; whether it is unused still."""
    found = database.row(
        f"SELECT 1 FROM uploads WHERE id = %(id)s AND {_UNUSED} FOR UPDATE",  # noqa: S608 - a constant
        {"id": upload_id, "age": UNUSED_FOR},
    )
    return found is not None


def expired_tombstones(database: Database, after: UUID | None) -> list[UUID]:
    """A page of the uploads whose tombstone has served, by id."""
    rows = database.rows(
        "SELECT id FROM uploads WHERE tombstone AND url_expires_at < now() - %(age)s"
        " AND (%(after)s::uuid IS NULL OR id > %(after)s) ORDER BY id LIMIT %(page)s",
        {"age": TOMBSTONE_AFTER, "after": after, "page": PAGE},
    )
    return [row[0] for row in rows]


def forget_tombstones(database: Database, ids: Sequence[UUID]) -> None:
    """Note that nothing lies at these incoming keys any more. Locked in one order: others may do the same just now."""
    database.execute(
        "WITH swept AS MATERIALIZED (SELECT id FROM uploads WHERE id = ANY(%s) AND tombstone ORDER BY id FOR UPDATE)"
        " UPDATE uploads SET tombstone = false FROM swept WHERE uploads.id = swept.id",
        (list(ids),),
    )


def warm(database: Database, after: tuple[datetime, str] | None) -> list[tuple[datetime, str]]:
    """A page of the objects that belong into the colder class, oldest first. Evidence is left as it is."""
    created_at, key = after or (None, None)
    rows = database.rows(
        "SELECT created_at, key FROM objects WHERE storage_class = 'STANDARD' AND NOT evidence"
        " AND created_at < now() - %(age)s AND (%(key)s::text IS NULL OR (created_at, key) > (%(at)s, %(key)s))"
        " ORDER BY created_at, key LIMIT %(page)s",
        {"age": COLD_AFTER, "at": created_at, "key": key, "page": PAGE},
    )
    return [(row[0], row[1]) for row in rows]


def mark_cold(database: Database, key: str) -> None:
    """Note that an object lies in the colder class."""
    database.execute("UPDATE objects SET storage_class = 'STANDARD_IA' WHERE key = %s", (key,))


def rows_by_key(database: Database) -> Iterator[Row]:
    """All rows of objects in the order of their keys, each page as it is when it is reached."""
    after = ""
    while True:
        with database.reading():
            page = _page(database, "o.key > %s ORDER BY o.key LIMIT %s", (after, PAGE))
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].key


def row_of(database: Database, key: str) -> Row | None:
    """One object's row."""
    found = _page(database, "o.key = %s", (key,))
    return found[0] if found else None


def _page(database: Database, condition: str, params: tuple[object, ...]) -> list[Row]:
    rows = database.rows(
        "SELECT o.key, o.upload_id, o.size, o.sha256, o.evidence, o.storage_class, o.created_at,"  # noqa: S608
        " u.media IS NOT NULL AND (o.key IN (u.media ->> 'key', u.media ->> 'poster_key', u.media ->> 'preview_key')"
        " OR u.media -> 'renditions' @> jsonb_build_array(jsonb_build_object('key', o.key))) IS TRUE,"
        " u.status, u.held, u.removed_at IS NOT NULL, u.tombstone, u.url_expires_at"
        f" FROM objects o JOIN uploads u ON u.id = o.upload_id WHERE {condition}",
        params,
    )
    return [Row(Standing(*row[8:]), *row[:8]) for row in rows]


def standings(database: Database, ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
    """What the rows of these uploads say; one that is not there is left out."""
    rows = database.rows(
        "SELECT id, status, held, removed_at IS NOT NULL, tombstone, url_expires_at FROM uploads WHERE id = ANY(%s)",
        (list(ids),),
    )
    return {row[0]: Standing(*row[1:]) for row in rows}


def forget_row(database: Database, key: str) -> None:
    """Delete the row of an object that is gone. Never evidence's."""
    database.execute("DELETE FROM objects WHERE key = %s AND NOT evidence", (key,))


def judged_otherwise(database: Database, policy_version: str, after: UUID | None) -> list[Completed]:
    """A page of the completed pictures and videos whose verdict is of another policy version, by id."""
    rows = database.rows(
        "SELECT id, kind, policy_version, sha256_full, sha256_original FROM uploads WHERE status = 'completed'"
        " AND kind IN ('image', 'video') AND NOT held AND removed_at IS NULL"
        " AND policy_version IS DISTINCT FROM %(version)s AND (%(after)s::uuid IS NULL OR id > %(after)s)"
        " ORDER BY id LIMIT %(page)s",
        {"version": policy_version, "after": after, "page": PAGE},
    )
    return [Completed(*row) for row in rows]


def mark_judged(database: Database, upload_id: UUID, policy_version: str) -> None:
    """Note that another policy came to the same verdict."""
    database.execute("UPDATE uploads SET policy_version = %s WHERE id = %s", (policy_version, upload_id))
