"""The tables of the outbox and the inbox."""

from chassis import inbox, outbox


def up(migrator, db):
    db.execute_sql(outbox.DDL)
    db.execute_sql(inbox.DDL)
