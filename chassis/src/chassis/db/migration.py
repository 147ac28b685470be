"""Making and migrating a service's database: run once per deployment, never by every replica."""

from __future__ import annotations

from pathlib import Path

import peewee
import psycopg2
import psycopg2.errors
from playhouse.migrations import Runner
from psycopg2 import sql
from psycopg2.extensions import make_dsn, parse_dsn

from chassis.db.database import CONNECT_TIMEOUT_S, Database


def create_database(dsn: str, template: str = "template0") -> bool:
    """Create the database that `dsn` names where it is missing, as a copy of `template`. True when it was made."""
    params = parse_dsn(dsn)
    name = params["dbname"]
    conn = psycopg2.connect(make_dsn(**{**params, "dbname": "postgres"}), connect_timeout=CONNECT_TIMEOUT_S)
    try:
        conn.autocommit = True
        with conn.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone():
                return False
            try:
                statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log")
                cursor.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
            except (psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
                return False
            return True
    finally:
        conn.close()


def migrate(dsn: str, folder: Path) -> list[str]:
    """Apply the numbered scripts of `folder` that are missing, under an advisory lock; their names in order."""
    params = parse_dsn(dsn)
    params.setdefault("connect_timeout", str(CONNECT_TIMEOUT_S))
    database = peewee.PostgresqlDatabase(params.pop("dbname"), **params)
    database.connect()
    try:
        database.execute_sql("SELECT pg_advisory_lock(hashtextextended('duet-migrate', 0))")
        applied = Runner(database, str(folder)).up()
        return [getattr(one, "name", str(one)) for one in applied or []]
    finally:
        database.close()


def pending_migrations(database: Database, folder: Path) -> list[str]:
    """The names of the scripts in `folder` that the database lacks: readiness fails while there are any."""
    wanted = sorted(path.stem for path in folder.glob("[0-9]*.py"))
    with database.reading():
        known = database.row("SELECT to_regclass('schema_migration')")
        if known is None or known[0] is None:
            return wanted
        done = {name for (name,) in database.rows("SELECT name FROM schema_migration")}
    return [name for name in wanted if name not in done]
