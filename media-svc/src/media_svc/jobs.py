"""The loops of media-svc: the processing of uploads, and what is looked after from time to time."""

from __future__ import annotations

from chassis.jobs import Loop, timer
from media_svc.usecases.processing import Processing
from media_svc.usecases.retention import Retention

SWEEP_UPLOADS_EVERY_S = 600.0
SWEEP_STORE_EVERY_S = 6 * 3600.0


def processing_loop(processing: Processing, threads: int) -> Loop:
    """Processes uploads in `threads` threads. Other processes open jobs too, so it looks often."""
    return Loop("media-svc-processing", processing.step, idle_seconds=0.5, threads=threads)


def takedown_loop(processing: Processing) -> Loop:
    """Moves or deletes the objects of what was taken down, while the other threads decode."""
    return Loop("media-svc-takedowns", processing.step_urgent, idle_seconds=0.5)


def retention_loops(retention: Retention) -> list[Loop]:
    """Letting go of what is kept no longer. Any number of workers may run them."""
    return [
        timer("media-svc-sweep-uploads", retention.sweep_uploads, every_seconds=SWEEP_UPLOADS_EVERY_S),
        timer("media-svc-sweep-store", retention.sweep_store, every_seconds=SWEEP_STORE_EVERY_S),
    ]
