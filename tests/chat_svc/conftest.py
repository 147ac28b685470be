"""chat-svc alone, on its own database, between strict stand-ins for quota-svc and ai-svc."""

import uuid
from collections.abc import Iterator

import pytest

from chassis.ids import uuid7
from chassis.testing import Caller, Keys, environment, network_of, prepare
from chat_svc.app import create_service
from chat_svc.models import MODELS
from deploy.postgres import EmbeddedPostgres
from tests.chat_svc.chat_stand_ins import Chat, Companions, Quota

TABLES = [*(model._meta.table_name for model in MODELS), "outbox", "inbox", "deliveries"]


@pytest.fixture(scope="session")
def chat_database_url(postgres: EmbeddedPostgres) -> str:
    """One migrated database for all these tests: each of them empties it and makes a service of its own."""
    url = postgres.uri(f"test_{uuid.uuid4().hex}")
    keys = Keys()
    nobody = Quota(keys, url)
    service = create_service(environment("chat-svc", url, keys), network_of(quota=nobody.app, ai=nobody.app))
    prepare(service)
    service.database.close()
    return url


@pytest.fixture
def chat(chat_database_url: str) -> Iterator[Chat]:
    keys = Keys()
    quota, ai = Quota(keys, chat_database_url), Companions(keys, chat_database_url)
    service = create_service(environment("chat-svc", chat_database_url, keys), network_of(quota=quota.app, ai=ai.app))
    with service.database.transaction():
        for table in TABLES:
            service.database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables
    yield Chat(service, keys, quota, ai)
    service.database.close()
    assert quota.faults + ai.faults == []


@pytest.fixture
def user_id() -> uuid.UUID:
    return uuid7()


@pytest.fixture
def user(chat: Chat, user_id: uuid.UUID) -> Caller:
    return chat.user(user_id)
