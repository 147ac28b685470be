"""PostgreSQL through peewee: a pool that waits, transactions that know what to do after the commit, migrations."""

from chassis.db.database import (
    CONNECT_TIMEOUT_S,
    LOCK_TIMEOUT_MS,
    POOL_WAIT_S,
    STATEMENT_TIMEOUT_MS,
    Database,
    delete_in_batches,
    inside_transaction,
    is_unreachable,
)
from chassis.db.fields import Proxy, TimestampField
from chassis.db.migration import create_database, migrate, pending_migrations
from chassis.db.pool import Pool

__all__ = [
    "CONNECT_TIMEOUT_S", "LOCK_TIMEOUT_MS", "POOL_WAIT_S", "STATEMENT_TIMEOUT_MS", "Database",
    "Pool", "Proxy", "TimestampField", "create_database", "delete_in_batches", "inside_transaction", "is_unreachable",
    "migrate", "pending_migrations",
]  # fmt: skip
