"""All five services in this process, for the tests of what they refuse."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
import structlog
from psycopg2 import sql

from chassis import logs
from chassis.ids import uuid7
from deploy.postgres import EmbeddedPostgres
from tests.security.in_process import InProcess
from tests.security.refusals import Log, created


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


@pytest.fixture(scope="module")
def known(duet: InProcess) -> dict[str, str]:
    """Ids of things that are there and belong to the admin, so that hostile input gets beyond the first 404."""
    until = duet.services["quota-svc"].usecases.premium.grant(uuid7(), duet.accounts["admin"].id, 30, "test")
    assert until is not None
    companion = created(
        duet.call(
            *("ai-svc", "admin", "POST", "/v1/admin/companions"),
            json={"name": "Mara", "age": 29, "bio": "Photographer.", "persona_prompt": "You are Mara."},
        )
    )["id"]
    conversation = created(
        duet.call("chat-svc", "admin", "POST", "/v1/conversations", json={"companion_id": companion})
    )["id"]
    return {
        "companion_id": companion,
        "conversation_id": conversation,
        "user_id": duet.accounts["user"].id,
        "viewer": duet.accounts["admin"].id,
        "sender_id": duet.accounts["admin"].id,
        "scope": "chat_send",
        "spend": "text",
    }


@pytest.fixture
def log() -> Iterator[Log]:
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    taken = Log()
    # Not through logging's own set-up, which closes the handlers of others.
    logging.root.handlers = []
    logs.configure("info", taken.stream)
    yield taken
    structlog.configure(**before)
    logging.root.handlers, logging.root.level = handlers, level
