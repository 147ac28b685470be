"""Running a statement whose parameters have names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.db import Database


def named(database: Database, statement: str, params: Mapping[str, object]) -> Any:
    """Run it in the transaction at hand; the cursor."""
    return database.peewee.execute_sql(statement, params)
