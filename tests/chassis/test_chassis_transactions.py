"""Transactions: nested ones join, callbacks run after the commit and only then, a swallowed failure is told."""

import uuid

import peewee
import pytest
from chassis_kit import count

from chassis.db import Database
from chassis.errors import NotFound


def poke(database: Database) -> None:
    database.execute("INSERT INTO effects (poke_id) VALUES (%s)", (uuid.uuid4(),))


def test_a_nested_transaction_joins_the_outer_one(database: Database) -> None:
    def fail() -> None:
        with database.transaction():
            poke(database)
            with database.transaction():
                poke(database)
            with database.reading():
                assert database.row("SELECT count(*) FROM effects") == (2,)
            raise NotFound()

    with pytest.raises(NotFound):
        fail()
    assert count(database) == 0


def test_a_transaction_inside_a_reading_commits_by_itself(database: Database) -> None:
    with pytest.raises(NotFound), database.reading():
        with database.transaction():
            poke(database)
        raise NotFound()
    assert count(database) == 1


def test_after_commit_runs_once_after_the_outermost_commit(database: Database) -> None:
    seen: list[int] = []

    def look() -> None:
        seen.append(count(database))

    with database.transaction():
        database.after_commit(look)
        with database.transaction():
            database.after_commit(look)
            poke(database)
        assert seen == []
    assert seen == [1]
    with database.transaction():
        poke(database)
    assert seen == [1]


def test_after_commit_never_runs_after_a_rollback(database: Database) -> None:
    seen: list[str] = []
    with pytest.raises(NotFound), database.transaction():
        database.after_commit(lambda: seen.append("lost"))
        raise NotFound()
    with database.transaction():
        poke(database)
    assert seen == []


def test_an_after_commit_that_fails_hurts_neither_the_caller_nor_the_others(database: Database) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise ValueError("no")

    with database.transaction():
        database.after_commit(fail)
        database.after_commit(lambda: seen.append("second"))
        poke(database)
    assert (seen, count(database)) == (["second"], 1)


def test_after_commit_outside_a_transaction_is_a_mistake(database: Database) -> None:
    with pytest.raises(RuntimeError):
        database.after_commit(lambda: None)


def test_a_swallowed_failure_does_not_pass_for_a_commit(database: Database) -> None:
    seen: list[str] = []

    def swallow() -> None:
        with database.transaction():
            database.after_commit(lambda: seen.append("committed"))
            poke(database)
            with pytest.raises(peewee.IntegrityError):
                database.execute("INSERT INTO effects (poke_id) VALUES (NULL)")

    with pytest.raises(RuntimeError, match="swallowed"):
        swallow()
    assert (seen, count(database)) == ([], 0)
    database.ping()


def test_a_failure_in_a_savepoint_leaves_the_transaction_usable(database: Database) -> None:
    with database.transaction():
        poke(database)
        with pytest.raises(peewee.IntegrityError), database.peewee.atomic():
            database.execute("INSERT INTO effects (poke_id) VALUES (NULL)")
        poke(database)
    assert count(database) == 2
