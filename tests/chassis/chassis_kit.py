"""Pieces of the chassis' own tests: events, databases with the chassis' tables, a database taken away."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from chassis import inbox, outbox
from chassis.db import Database
from chassis.envelope import Event
from deploy.postgres import EmbeddedPostgres


@dataclass(frozen=True)
class Poked(Event):
    """The smallest event."""

    TYPE = "test.poked.v1"
    OWNER = "chat-svc"
    poke_id: UUID


@dataclass(frozen=True)
class Prodded(Event):
    """One that nobody consumes at first."""

    TYPE = "test.prodded.v1"
    OWNER = "chat-svc"
    prod_id: UUID


@dataclass(frozen=True)
class Described(Event):
    """One with a field of every kind."""

    TYPE = "test.described.v1"
    OWNER = "chat-svc"
    thing_id: UUID
    number: int
    flag: bool
    note: str | None
    at: datetime
    until: datetime | None
    friends: list[UUID]
    sizes: list[int]


class Databases:
    """Databases of one test on the run's server, with the chassis' tables and one for effects."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self._made: list[tuple[str, Database]] = []

    def make(self, name: str, *, pool_size: int = 8, pool_wait: float = 5.0) -> Database:
        self.server.create_databases([name])
        database = Database(
            self.server.uri(name), pool_size=pool_size, application=f"test-{name[:20]}", pool_wait=pool_wait
        )
        self._made.append((name, database))
        with database.transaction():
            database.execute(outbox.DDL + inbox.DDL)
            database.execute("CREATE TABLE effects (id bigserial PRIMARY KEY, poke_id uuid NOT NULL)")
        return database

    def drop(self) -> None:
        admin = Database(self.server.uri("postgres"), pool_size=1, application="test-admin")
        for name, database in self._made:
            database.close()
            with admin.reading():
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.close()

    @contextmanager
    def away(self, database: Database) -> Iterator[None]:
        """Nobody gets into this database, and who is in is thrown out."""
        name = database.peewee.database
        admin = Database(self.server.uri("postgres"), pool_size=1, application="test-admin")
        with admin.reading():
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            with admin.reading():
                admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            admin.close()


class FrozenServer:
    """Something that listens where PostgreSQL would and never says a word."""

    def __init__(self, folder: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(f"{folder}/.s.PGSQL.5432")
        self._socket.listen(50)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def count(database: Database, what: str = "effects") -> int:
    """How many rows a table (with a condition, perhaps) has."""
    with database.reading():
        row = database.row(f"SELECT count(*) FROM {what}")  # noqa: S608 - a name of ours
    assert row is not None
    return int(row[0])
