"""The loops of media-svc: the processing of uploads, and what is looked after from time to time."""

from __future__ import annotations

from chassis.jobs import Loop
from media_svc.usecases.processing import Processing


def processing_loop(processing: Processing, threads: int) -> Loop:
    """Processes uploads in `threads` threads. Other processes open jobs too, so it looks often."""
    return Loop("media-svc-processing", processing.step, idle_seconds=0.5, threads=threads)
