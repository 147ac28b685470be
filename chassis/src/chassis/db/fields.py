"""The column types that all services share."""

from __future__ import annotations

from datetime import UTC, datetime

import peewee

Proxy = peewee.DatabaseProxy


class TimestampField(peewee.DateTimeField):
    """`timestamptz`: an aware datetime in UTC on both sides."""

    field_type = "TIMESTAMPTZ"

    def python_value(self, value: datetime | None) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None
