"""Databases and tables are made once, however many processes try at the same time."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chassis_kit import Databases

from chassis.db import Database, create_database, migrate, pending_migrations

MIGRATION = """
def up(migrator, db):
    db.execute_sql("SELECT pg_sleep(0.1)")
    db.execute_sql("CREATE TABLE t{n} (id int)")
"""


def test_migrations_run_once_under_three_processes(databases: Databases, tmp_path: Path) -> None:
    name = f"migrated_{uuid.uuid4().hex}"
    dsn = databases.server.uri(name)
    for n in (1, 2, 3):
        (tmp_path / f"000{n}_t.py").write_text(MIGRATION.format(n=n))
    children = [_fork(lambda: (create_database(dsn), migrate(dsn, tmp_path))) for _ in range(3)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    database = Database(dsn, pool_size=2, application="test")
    assert pending_migrations(database, tmp_path) == []
    with database.reading():
        assert database.rows("SELECT name FROM schema_migration ORDER BY name") == [
            ("0001_t",), ("0002_t",), ("0003_t",),
        ]  # fmt: skip
    database.close()
    assert migrate(dsn, tmp_path) == []


def test_pending_migrations_are_named(database: Database, tmp_path: Path) -> None:
    (tmp_path / "0001_t.py").write_text(MIGRATION.format(n=1))
    assert pending_migrations(database, tmp_path) == ["0001_t"]
    assert migrate(database.dsn, tmp_path) == ["0001_t"]
    assert pending_migrations(database, tmp_path) == []


def test_a_database_is_created_by_one_of_many(databases: Databases) -> None:
    for _ in range(3):
        dsn = databases.server.uri(f"created_{uuid.uuid4().hex}")
        with ThreadPoolExecutor(6) as pool:
            made = list(pool.map(create_database, [dsn] * 6))
        assert sorted(made) == [False] * 5 + [True]


def _fork(work: object) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()  # type: ignore[operator]  # a callable
            code = 0
        finally:
            os._exit(code)
    return child
