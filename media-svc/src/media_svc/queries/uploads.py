"""Reads of uploads and their objects, and the statements that change them under a guard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from peewee import SQL

from chassis.db import Database
from media_svc.domain.processing import PlannedObject
from media_svc.domain.uploads import UploadState
from media_svc.models import ObjectRow, Upload, UploadStop

_COLUMNS = [getattr(Upload, field.name) for field in fields(UploadState)]


@dataclass(frozen=True)
class KeptObject:
    """An object that has a row."""

    key: str
    role: str
    content_type: str
    size: int
    sha256: str
    evidence: bool


def _states(rows: Iterable[Any]) -> list[UploadState]:
    return [UploadState(**row) for row in rows]


def _first(rows: Iterable[Any]) -> UploadState | None:
    found = _states(rows)
    return found[0] if found else None


def one(upload_id: UUID, *, lock: bool = False) -> UploadState | None:
    """An upload, removed or not; `lock`: nobody else changes it until the transaction ends."""
    query = Upload.select(*_COLUMNS).where(Upload.id == upload_id)
    return _first((query.for_update() if lock else query).dicts())


def owned(upload_id: UUID, owner_id: UUID, *, lock: bool = False) -> UploadState | None:
    """An upload of this owner, removed or not."""
    found = one(upload_id, lock=lock)
    return found if found is not None and found.owner_id == owner_id else None


def of_viewer(viewer: UUID, ids: Sequence[UUID]) -> dict[UUID, UploadState]:
    """Those of the uploads that the viewer owns and did not delete."""
    query = Upload.select(*_COLUMNS).where(
        Upload.id.in_(list(ids)), Upload.owner_id == viewer, Upload.removed_at.is_null()
    )
    return {one.id: one for one in _states(query.dicts())}


def insert(**values: Any) -> UploadState:
    """A new upload."""
    (made,) = _states(Upload.insert(**values).returning(*_COLUMNS).dicts().execute())
    return made


def update(upload_id: UUID, **values: Any) -> UploadState:
    """Change an upload that is there, as a new version of it."""
    changes = {**values, "version": Upload.version + 1}
    query = Upload.update(changes).where(Upload.id == upload_id).returning(*_COLUMNS)
    (changed,) = _states(query.dicts().execute())
    return changed


def begin_processing(upload_id: UUID) -> UploadState | None:
    """Take an upload from uploading to processing; None where it is somewhere else by now."""
    query = (
        Upload.update(status="processing", version=Upload.version + 1)
        .where(Upload.id == upload_id, Upload.status == "uploading", Upload.removed_at.is_null())
        .returning(*_COLUMNS)
    )
    return _first(query.dicts().execute())


def end_processing(upload_id: UUID, **values: Any) -> UploadState:
    """Write how the processing of an upload ended."""
    return update(upload_id, **values, processed_at=SQL("now()"))


def is_stopped(owner_id: UUID) -> bool:
    """Whether this user's uploads are stopped (MOD-2)."""
    return bool(UploadStop.select().where(UploadStop.user_id == owner_id).exists())


def stop(owner_id: UUID, upload_id: UUID) -> None:
    """Stop this user's uploads, because of this one."""
    UploadStop.insert(user_id=owner_id, upload=upload_id).on_conflict_ignore().execute()


def one_at_a_time(database: Database, owner_id: UUID) -> None:
    """Let other uploads of this owner wait until the transaction ends, so that they can be counted."""
    database.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"uploads:{owner_id}",))


def seconds_until_hour_has_room(database: Database, owner_id: UUID, limit: int) -> int | None:
    """None where fewer than `limit` uploads were created in the last hour, else how long until one can be."""
    row = database.row(
        "SELECT ceil(extract(epoch FROM created_at + interval '1 hour' - now()))::int FROM uploads"
        " WHERE owner_id = %s AND created_at > now() - interval '1 hour' ORDER BY created_at DESC LIMIT 1 OFFSET %s",
        (owner_id, limit - 1),
    )
    return None if row is None else max(1, int(row[0]))


def seconds_until_open_have_room(database: Database, owner_id: UUID, limit: int) -> int | None:
    """None where fewer than `limit` uploads are open, else how long until the URL of one of them has expired.

    Open is what is processed or may still get its bytes; who gave up on one may delete it.
    """
    row = database.row(
        "SELECT count(*), ceil(extract(epoch FROM min(url_expires_at) FILTER (WHERE status = 'uploading') - now()))"
        " FROM uploads WHERE owner_id = %s AND removed_at IS NULL"
        " AND (status = 'processing' OR status = 'uploading' AND url_expires_at > now())",
        (owner_id,),
    )
    if row is None or row[0] < limit:
        return None
    return max(1, int(row[1] or 10))


def objects(upload_id: UUID) -> list[KeptObject]:
    """The rows of all objects of an upload."""
    query = ObjectRow.select(
        ObjectRow.key, ObjectRow.role, ObjectRow.content_type, ObjectRow.size, ObjectRow.sha256, ObjectRow.evidence
    ).where(ObjectRow.upload == upload_id)
    rows: Iterable[Any] = query.order_by(ObjectRow.key).tuples()
    return [KeptObject(*row) for row in rows]


def plan_objects(upload_id: UUID, planned: Iterable[PlannedObject], *, as_evidence: bool) -> None:
    """The rows of objects that are about to be stored; those there are stay as they are."""
    ObjectRow.insert_many(
        {
            "key": item.key, "upload": upload_id, "role": item.role, "content_type": item.content_type,
            "size": item.size, "sha256": item.sha256, "evidence": as_evidence,
        }
        for item in planned
    ).on_conflict_ignore().execute()  # fmt: skip


def plan_evidence(upload_id: UUID, moves: Mapping[str, KeptObject]) -> None:
    """The rows of objects that are about to be moved: new key → what lies at the old one."""
    ObjectRow.insert_many(
        {
            "key": key, "upload": upload_id, "role": item.role, "content_type": item.content_type, "size": item.size,
            "sha256": item.sha256, "evidence": True,
        }
        for key, item in moves.items()
    ).on_conflict_ignore().execute()  # fmt: skip


def forget_objects(keys: Sequence[str]) -> None:
    """Delete the rows of objects that are gone."""
    ObjectRow.delete().where(ObjectRow.key.in_(list(keys))).execute()


def mark_tombstone(upload_id: UUID, *, there: bool) -> None:
    """Note whether an empty object lies at the incoming key."""
    Upload.update(tombstone=there).where(Upload.id == upload_id).execute()


def url_expired(upload_id: UUID) -> bool:
    """Whether nobody can put anything at the incoming key any more."""
    query = Upload.select().where(Upload.id == upload_id, Upload.url_expires_at < SQL("now()"))
    return bool(query.exists())


def mark_used(upload_id: UUID, used_by: UUID) -> None:
    """Note what an upload was claimed for, unless it is in use."""
    Upload.update(used_by=used_by).where(Upload.id == upload_id, Upload.used_by.is_null()).execute()


def release(upload_id: UUID, used_by: UUID) -> None:
    """Take back a claim that came to nothing."""
    Upload.update(used_by=None).where(
        Upload.id == upload_id, Upload.used_by == used_by, Upload.message_id.is_null()
    ).execute()


def mark_sent(upload_id: UUID, send_id: UUID, message_id: UUID) -> None:
    """Note the message of an upload: it exists, so the claim is its send's, even where it seemed to be released."""
    Upload.update(used_by=send_id, message_id=message_id).where(
        Upload.id == upload_id, (Upload.used_by == send_id) | Upload.used_by.is_null()
    ).execute()
