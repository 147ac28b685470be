"""What the chassis forgets of events, and that it never takes on more of it at once than a statement can do."""

from chassis_kit import Poked

from chassis.bus import MemoryBus
from chassis.db import Database, delete_in_batches
from chassis.inbox import Dispatcher
from chassis.outbox import Relay


def count(database: Database, table: str) -> int:
    with database.reading():
        row = database.row(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name of ours
    assert row is not None
    return int(row[0])


def test_only_events_published_over_a_day_ago_are_forgotten(database: Database) -> None:
    with database.transaction():
        for published in ("now() - interval '25 hours'", "now() - interval '23 hours'", "NULL"):
            database.execute(
                "INSERT INTO outbox (event_id, type, body, created_at, published_at) SELECT gen_random_uuid(), 't', '',"  # noqa: S608
                f" now() - interval '30 days', {published} FROM generate_series(1, 3)"
            )
    relay = Relay(database, MemoryBus(), service="test", listen=False)
    assert [relay.prune(), relay.prune()] == [3, 0]
    assert count(database, "outbox WHERE published_at IS NULL") == 3
    assert count(database, "outbox") == 6


def test_only_events_seen_over_a_week_ago_are_forgotten(database: Database) -> None:
    with database.transaction():
        for days in (6, 8):
            database.execute(
                "INSERT INTO inbox (event_id, seen_at) SELECT gen_random_uuid(), now() - %s * interval '1 day'"
                " FROM generate_series(1, 3)",
                (days,),
            )
    dispatcher = Dispatcher("test", database, {Poked: lambda _event: None})
    assert [dispatcher.prune(), dispatcher.prune()] == [3, 0]
    assert count(database, "inbox") == 3


def test_much_is_forgotten_in_many_short_transactions(database: Database) -> None:
    with database.transaction():
        database.execute("INSERT INTO effects (poke_id) SELECT gen_random_uuid() FROM generate_series(1, 25)")
    statement = "DELETE FROM effects WHERE poke_id IN (SELECT poke_id FROM effects LIMIT %s)"
    assert delete_in_batches(database, statement, batch=10) == 25
    assert count(database, "effects") == 0
