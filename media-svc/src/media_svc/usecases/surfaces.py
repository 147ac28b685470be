"""Tells how many published media a companion has on each surface, whenever that may have changed."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from chassis.contracts.media import CompanionMediaChanged
from chassis.db import Database
from chassis.outbox import Outbox
from media_svc.queries import companion_media as queries


def announce(database: Database, outbox: Outbox, companion_id: UUID) -> None:
    """Count, and tell the others, in the transaction of the change; after it, so that later counts see it.

    The companion's row is locked while counting: the higher version always has the later counts.
    """
    version = queries.next_version(database, companion_id)
    counts = queries.counts(database, companion_id)
    outbox.emit(CompanionMediaChanged(companion_id=companion_id, version=version, **asdict(counts)))
