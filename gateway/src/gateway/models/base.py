"""The base of the gateway's models."""

from __future__ import annotations

import peewee

from chassis.db import Proxy

database = Proxy()


class Base(peewee.Model):
    """A table of the gateway."""

    class Meta:
        database = database
        legacy_table_names = False
