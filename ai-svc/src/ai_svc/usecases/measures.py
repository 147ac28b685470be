"""What is measured about replies."""

from __future__ import annotations

from ai_svc.queries import replies as queries
from chassis.db import Database
from chassis.metrics import Metrics


class ReplyMeasures:
    """The metrics of replies and of the models behind them."""

    def __init__(self, metrics: Metrics, database: Database) -> None:
        self.replies = metrics.counter("duet_replies", "Replies that ended, by engine and how.", ("engine", "outcome"))
        self.seconds = metrics.histogram(
            "duet_reply_seconds", "From the request of a reply to its delivery.", ("engine",)
        )
        self.tries = metrics.counter("duet_model_tries", "Tries at model endpoints.", ("endpoint", "outcome"))
        self.media = metrics.counter(
            "duet_reply_media", "Media wanted for replies, by what was found.", ("kind", "found")
        )
        metrics.gauge("duet_reply_jobs_open", "Replies being made or waiting.", lambda: queries.depth(database))
