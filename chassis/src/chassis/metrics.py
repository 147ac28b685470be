"""Prometheus metrics: a registry per service value, so that five services in one process do not mix."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from chassis.db import Database
from chassis.errors import Unavailable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Depth(Collector):
    """Rows that wait, counted at the moment of the scrape."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("duet_outbox_unpublished", "Events written and not yet published.")
        yield GaugeMetricFamily("duet_deliveries_waiting", "Deliveries waiting for a retry (in-process bus).")
        yield GaugeMetricFamily("duet_deliveries_dead", "Deliveries given up (in-process bus).")

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            with self._database.reading():
                row = self._database.row(
                    "SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL),"
                    " (SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL),"
                    " (SELECT count(*) FROM deliveries WHERE due_at IS NULL)"
                )
        except Unavailable:
            return
        for family, value in zip(self.describe(), row or (), strict=False):
            family.add_metric([], value)
            yield family


class Metrics:
    """The metrics that every service has, and the registry for its own."""

    def __init__(self, database: Database) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Depth(database))
        self.requests = Counter(
            "duet_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "duet_http_request_seconds", "Time to answer a request.", ["method", "route"], registry=self.registry
        )

    def counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def histogram(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Histogram:
        return Histogram(name, text, labels, registry=self.registry)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A gauge that is read when it is scraped."""
        self.registry.register(_Gauge(name, text, read))

    def expose(self) -> bytes:
        return generate_latest(self.registry)


class _Gauge(Collector):
    def __init__(self, name: str, text: str, read: Callable[[], float]) -> None:
        self._name, self._text, self._read = name, text, read

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(self._name, self._text)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            value = self._read()
        except Unavailable:
            return
        yield GaugeMetricFamily(self._name, self._text, value=value)
