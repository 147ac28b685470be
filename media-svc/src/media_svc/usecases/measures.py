"""What is measured about uploads."""

from __future__ import annotations

from chassis.db import Database
from chassis.metrics import Metrics
from media_svc.queries import jobs


class UploadMeasures:
    """The metrics of uploads and of their processing."""

    def __init__(self, metrics: Metrics, database: Database) -> None:
        self.outcomes = metrics.counter(
            "duet_uploads_processed", "Uploads whose processing ended, by kind and how.", ("kind", "outcome")
        )
        self.blocked = metrics.counter(
            "duet_uploads_blocked", "Uploads blocked for their content, by why.", ("reason",)
        )
        self.delays = metrics.counter("duet_upload_checks_delayed", "Times a policy check could not be made.")
        self.seconds = metrics.histogram(
            "duet_upload_processing_seconds", "From the start of processing an upload to its end.", ("kind",)
        )
        metrics.gauge("duet_upload_jobs_open", "Uploads processed or waiting for it.", lambda: jobs.depth(database))
