"""Puts the demo media on the companions' surfaces, through the same processing as everybody's uploads.

Ids derive from names: what is there stays as it is, and a start that was broken off is continued by the next one.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
import structlog

from chassis.errors import Conflict, DomainError
from chassis.ids import derive
from chassis.service import Service
from deploy.demo_media.album import Medium
from deploy.demo_media.collection import ALBUMS
from deploy.demo_media.render import Scene, clip, picture

log = structlog.get_logger("demo-media")

AVATAR_SIZE, BACKGROUND_SIZE = (640, 640), (1600, 900)
TALL_SIZE, WIDE_SIZE = (1080, 1350), (1350, 1080)
AT_ONCE = 4
"""How many are in processing at a time: users' uploads are not to wait behind all of them."""
LOOK_EVERY_S = 0.25
PAUSE_S = 2.0
TRIES = 4
"""An upload that was removed before it was used is made anew under the next id."""


@dataclass(frozen=True)
class _Item:
    companion_id: UUID
    companion: str
    purpose: str
    name: str
    scene: Scene
    medium: Medium | None

    @property
    def seed(self) -> str:
        return f"{self.companion} {self.name}"

    def draw(self) -> bytes:
        """The file, the same at every time."""
        if self.medium is None:
            return picture(self.scene, AVATAR_SIZE if self.name == "avatar" else BACKGROUND_SIZE, self.seed)
        if self.medium.seconds is not None:
            return clip(self.scene, self.seed, seconds=self.medium.seconds, tone=self.medium.tone)
        return picture(self.scene, WIDE_SIZE if self.medium.surface == "post" else TALL_SIZE, self.seed)


class DemoMedia:
    """The way of all demo media to their companions. `companions`: ids by name."""

    def __init__(self, services: Mapping[str, Service], companions: Mapping[str, UUID], owner_id: UUID) -> None:
        self._media: Any = services["media-svc"].usecases
        self._ai: Any = services["ai-svc"].usecases
        self._owner_id = owner_id
        self._items = list(_items(companions))
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in the background, until everything is shown or `stop`."""
        self._thread = threading.Thread(target=self._run, name="demo-media", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Begin nothing more, and wait so long for the step in hand. The next start continues."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def show(self, within: float) -> tuple[int, int]:
        """Do it now, for at most so many seconds: how many are shown, and how many are still to come."""
        deadline = time.monotonic() + within
        waiting, left = list(self._items), 0
        while waiting and time.monotonic() < deadline and not self._stopping.is_set():
            before = len(waiting)
            waiting = self._advance(waiting)
            if len(waiting) == before:
                self._stopping.wait(LOOK_EVERY_S)
        left = len(waiting)
        return len(self._items) - left, left

    def _run(self) -> None:
        started = time.monotonic()
        while not self._stopping.is_set():
            try:
                shown, left = self.show(float("inf"))
            except (DomainError, psycopg2.Error, OSError) as error:
                if self._stopping.is_set():
                    return
                log.warning("demo_media_postponed", error=type(error).__name__)
                self._stopping.wait(PAUSE_S)
                continue
            log.info("demo_media_shown", shown=shown, left=left, seconds=round(time.monotonic() - started, 1))
            return

    def _advance(self, items: Sequence[_Item]) -> list[_Item]:
        """One look at each of the first items; those that are still on their way."""
        waiting: list[_Item] = []
        for position, item in enumerate(items):
            if len(waiting) >= AT_ONCE or self._stopping.is_set():
                return [*waiting, *items[position:]]
            if not self._is_done(item):
                waiting.append(item)
        return waiting

    def _is_done(self, item: _Item) -> bool:
        """Carry one a step on: drawn and put, then shown once it is processed."""
        for number in range(TRIES):
            upload_id = derive(self._owner_id, item.companion, item.purpose, item.name, number)
            upload = self._media.planting.look(upload_id)
            if upload is not None and upload.removed_at is not None and upload.used_by is None:
                continue
            if upload is None or upload.status == "uploading":
                self._plant(item, upload_id)
                return False
            if upload.status == "processing":
                return False
            if upload.status == "completed" and (upload.used_by is None or item.medium is None):
                self._use(item, upload_id)
            elif upload.status != "completed":
                log.error("demo_media_refused", companion=item.companion, name=item.name, status=upload.status)
            return True
        return True

    def _plant(self, item: _Item, upload_id: UUID) -> None:
        drawn = item.draw()
        if self._stopping.is_set():
            return
        is_clip = item.medium is not None and item.medium.seconds is not None
        with tempfile.TemporaryDirectory(prefix="duet-demo-") as folder:
            source = Path(folder, "drawn")
            source.write_bytes(drawn)
            self._media.planting.put(
                upload_id,
                source,
                owner_id=self._owner_id,
                companion_id=item.companion_id,
                purpose=item.purpose,
                kind="video" if is_clip else "image",
                content_type="video/mp4" if is_clip else "image/jpeg",
            )

    def _use(self, item: _Item, upload_id: UUID) -> None:
        if item.medium is None:
            used = self._media.claims.use(
                upload_id,
                use_id=derive(upload_id, item.purpose, item.companion_id),
                user_id=self._owner_id,
                purpose=item.purpose,
                companion_id=item.companion_id,
            )
            self._ai.companions.seed([{"id": str(item.companion_id), f"{item.name}_key": used["key"]}])
            return
        medium = item.medium
        told: dict[str, object] = {"text": medium.text, "tags": list(medium.tags)}
        if medium.surface == "post":
            told["location"] = medium.location
        elif medium.surface == "gallery":
            told["premium_only"] = medium.premium_only
        else:
            told["mature"] = medium.mature
        try:
            self._media.companion_media.add(item.companion_id, upload_id, medium.surface, told, None)
        except Conflict as conflict:
            # Another host did it at the same moment.
            log.info("demo_media_shown_before", companion=item.companion, name=item.name, code=conflict.code)


def _items(companions: Mapping[str, UUID]) -> Iterator[_Item]:
    """Everything: first the faces of all, then a part of everybody's media in turn."""
    for name, album in ALBUMS.items():
        yield _Item(companions[name], name, "companion_profile", "avatar", album.avatar, None)
    for name, album in ALBUMS.items():
        yield _Item(companions[name], name, "companion_background", "background", album.background, None)
    for number in range(max(len(album.media) for album in ALBUMS.values())):
        for name, album in ALBUMS.items():
            if number < len(album.media):
                medium = album.media[number]
                yield _Item(
                    companions[name], name, "companion_media", f"{medium.surface}-{medium.name}", medium.scene, medium
                )
