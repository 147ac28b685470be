"""What all tables of media-svc share."""

from __future__ import annotations

import peewee
from peewee import SQL

from chassis.db import Proxy

database = Proxy()
NOW = SQL("DEFAULT now()")
NO = SQL("DEFAULT false")
NO_TEXTS = SQL("DEFAULT '{}'")


class Base(peewee.Model):
    """What all tables share."""

    class Meta:
        database = database
        legacy_table_names = False
