"""chat-svc alone, on its own database, between strict stand-ins for its neighbours."""

import uuid
from collections.abc import Iterator

import pytest

from chassis.ids import uuid7
from chassis.testing import Caller, Keys, environment, network_of, prepare
from chat_svc.app import create_service
from tests.chat_svc.chat_stand_ins import Chat, Companions, Quota
from tests.chat_svc.media_stand_in import Uploads


@pytest.fixture
def chat(emptied_database_url: str) -> Iterator[Chat]:
    keys = Keys()
    quota, ai = Quota(keys, emptied_database_url), Companions(keys, emptied_database_url)
    media = Uploads(keys, emptied_database_url)
    service = create_service(
        environment("chat-svc", emptied_database_url, keys), network_of(quota=quota.app, ai=ai.app, media=media.app)
    )
    prepare(service)
    yield Chat(service, keys, quota, ai, media)
    service.database.close()
    assert quota.faults + ai.faults + media.faults == []


@pytest.fixture
def user_id() -> uuid.UUID:
    return uuid7()


@pytest.fixture
def user(chat: Chat, user_id: uuid.UUID) -> Caller:
    return chat.user(user_id)
