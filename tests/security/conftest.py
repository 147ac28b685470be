"""All five services in this process, for the tests of what they refuse."""

import uuid
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from psycopg2 import sql

from deploy.postgres import EmbeddedPostgres
from tests.security.in_process import InProcess


@pytest.fixture(scope="module")
def duet(postgres: EmbeddedPostgres) -> Iterator[InProcess]:
    """The platform without its workers, on fresh databases.

    Not for the whole run: the models of a service belong to whoever made that service last.
    """
    prefix = f"security_{uuid.uuid4().hex[:12]}"
    platform = InProcess(postgres.uri(prefix))
    yield platform
    names = platform.close()
    with closing(psycopg2.connect(postgres.uri("postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
