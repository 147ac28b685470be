"""The migrated schema of each service equals its models, compared in PostgreSQL's own catalogue."""

import importlib
import importlib.util
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import peewee
import psycopg2
import pytest
from psycopg2.extensions import parse_dsn

from chassis import inbox, outbox
from chassis.config import NEIGHBOURS
from chassis.db import migrate
from deploy.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
OF_THE_CHASSIS = ("outbox", "inbox", "deliveries", "schema_migration")
COLUMNS = """
    SELECT table_name, column_name, data_type, udt_name, character_maximum_length, numeric_precision, numeric_scale,
           is_nullable, column_default, is_identity, identity_generation, is_generated, generation_expression
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> ALL(%s)
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid), condeferrable, convalidated
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND conrelid::regclass::text <> ALL(%s)
      AND NOT (contype = 'u' AND NOT condeferrable)
"""
"""A unique constraint is nothing but its unique index, and that is compared with the indexes."""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> ALL(%s)"
each_service = pytest.mark.parametrize("name", NEIGHBOURS)


def models_of(name: str) -> ModuleType | None:
    """The `models` module of a service; None where it has no tables of its own."""
    package = name.replace("-", "_")
    return importlib.import_module(f"{package}.models") if importlib.util.find_spec(f"{package}.models") else None


def migrations_of(name: str) -> Path:
    return ROOT / name / "src" / name.replace("-", "_") / "migrations"


def catalogue(dsn: str) -> dict[str, set[Any]]:
    """What a database looks like, without the names of constraints and indexes."""
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:

        def rows(statement: str) -> list[tuple[Any, ...]]:
            cursor.execute(statement, (list(OF_THE_CHASSIS),))
            return cursor.fetchall()

        return {
            "columns": set(rows(COLUMNS)),
            "constraints": set(rows(CONSTRAINTS)),
            "indexes": {(table, re.sub(r"INDEX \S+ ON", "INDEX ON", text)) for table, text in rows(INDEXES)},
        }


def tables(dsn: str) -> set[str]:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in cursor.fetchall()}


@contextmanager
def made_from_models(models: list[type[peewee.Model]], dsn: str) -> Iterator[None]:
    """The tables that peewee makes of the models, and those of the chassis."""
    params = parse_dsn(dsn)
    database = peewee.PostgresqlDatabase(params.pop("dbname"), **params)
    with closing(database), database.bind_ctx(models, bind_refs=False, bind_backrefs=False):
        database.connect()
        database.create_tables(models)
        database.execute_sql(outbox.DDL)
        database.execute_sql(inbox.DDL)
        yield


@pytest.fixture
def two_databases(postgres: EmbeddedPostgres, database_url: str) -> Iterator[tuple[str, str]]:
    """Two empty databases: for the migrations and for the models."""
    name = f"models_{parse_dsn(database_url)['dbname']}"
    postgres.create_databases([name])
    yield database_url, postgres.uri(name)
    with closing(psycopg2.connect(postgres.uri("postgres"))) as connection:
        connection.autocommit = True
        connection.cursor().execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@each_service
def test_the_migrated_schema_equals_the_models(name: str, two_databases: tuple[str, str]) -> None:
    migrated, modelled = two_databases
    migrate(migrated, migrations_of(name))
    module = models_of(name)
    with made_from_models([] if module is None else module.MODELS, modelled):
        assert tables(migrated) - {"schema_migration"} == tables(modelled)
        wanted, found = catalogue(migrated), catalogue(modelled)
    for aspect, rows in wanted.items():
        assert {"migrated": rows - found[aspect], "modelled": found[aspect] - rows} == {
            "migrated": set(),
            "modelled": set(),
        }, aspect


@each_service
def test_migrating_twice_changes_nothing(name: str, database_url: str) -> None:
    assert migrate(database_url, migrations_of(name))
    before = catalogue(database_url)
    assert migrate(database_url, migrations_of(name)) == []
    assert catalogue(database_url) == before


@each_service
def test_every_model_is_in_models(name: str) -> None:
    module = models_of(name)
    if module is None:
        return
    pending, known = [module.Base], set()
    while pending:
        for child in pending.pop().__subclasses__():
            known.add(child)
            pending.append(child)
    assert known == set(module.MODELS)
    assert len(module.MODELS) == len(set(module.MODELS))
