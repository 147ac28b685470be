"""Media that is shown, grown old or strayed, for the tests of retention."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from chassis.ids import uuid7
from media_svc.usecases.retention import Swept
from tests.media_svc.media_stand_ins import Media

PICTURE = b"\xff\xd8\xff bytes that the plain decoder takes for a picture"


def sweep(media: Media, *, dry_run: bool = False) -> Swept:
    swept: Swept = media.service.usecases.retention.sweep(dry_run=dry_run)
    return swept


def shown(media: Media, *, used: bool = True) -> dict[str, Any]:
    """A completed picture, sent or not."""
    me = uuid7()
    upload = media.upload(me, PICTURE)
    assert upload["status"] == "completed"
    if used:
        assert media.claim(me, upload).status_code == 200
    return upload


def age(media: Media, tmp_path: Path, hours: float) -> None:
    """Make everything look so much older, rows and files."""
    for table, columns in (("uploads", ("created_at", "processed_at", "url_expires_at")), ("objects", ("created_at",))):
        for column in columns:
            media.execute(f"UPDATE {table} SET {column} = {column} - %s * interval '1 hour'", hours)  # noqa: S608
    for path in (tmp_path / "media").rglob("*"):
        if path.is_file():
            moment = path.stat().st_mtime - hours * 3600
            os.utime(path, (moment, moment))


def keys(media: Media) -> set[str]:
    return set(media.objects())


def row_keys(media: Media) -> set[str]:
    return {key for (key,) in media.rows("SELECT key FROM objects")}


def upload_keys(media: Media, upload: dict[str, Any]) -> set[str]:
    """All final keys of an upload."""
    return {key for key in keys(media) if upload["upload_id"] in key and not key.startswith("incoming/")}


def put_object(media: Media, tmp_path: Path, key: str, body: bytes = b"nobody knows it") -> str:
    source = tmp_path / "source"
    source.write_bytes(body)
    media.ports.store.put_new(key, source, content_type="image/webp", cache_control="no-store")
    return key


def verify(media: Media) -> Any:
    return media.service.usecases.verifying.verify()
