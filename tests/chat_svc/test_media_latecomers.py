"""What arrives late in a send with media, claims, releases and settlements, changes nothing that came after it."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.contracts.chat import AIReplyRequested
from chassis.ids import uuid7
from chassis.testing import Caller, problem
from tests.chat_svc.chat_stand_ins import Chat
from tests.chat_svc.media_steps import (
    Killed,
    assert_whole,
    die,
    killed,
    nothing,
    path_of,
    recover,
)


@pytest.fixture
def place(chat: Chat, user: Caller) -> str:
    return str(chat.conversation(user)["id"])


@pytest.fixture
def upload(chat: Chat, user_id: uuid.UUID, place: str) -> str:
    return chat.media.add(user_id, place)


def test_a_release_that_did_not_get_through_is_made_up_for(chat: Chat, user: Caller, place: str, upload: str) -> None:
    refused = chat.media_draft(upload, permit_id=str(uuid7()))
    chat.media.before_releasing = die
    with pytest.raises(Killed):
        user("POST", path_of(place), refused)
    chat.media.before_releasing = nothing
    assert chat.row("SELECT state FROM sends") == ("refused",)
    other = user("POST", path_of(place), chat.media_draft(upload))
    assert problem(other)["code"] == "upload-already-used"
    recover(chat)
    assert chat.media.used_by(upload) is None
    assert user("POST", path_of(place), chat.media_draft(upload)).status_code == 201


def test_a_send_of_what_can_be_no_upload_is_over_and_its_client_id_free(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(str(uuid.uuid4()))
    answer = user("POST", path_of(place), draft)
    assert (answer.status_code, problem(answer)["code"]) == (404, "not-found")
    assert user("POST", path_of(place), {**draft, "upload_id": upload}).status_code == 201
    for _ in range(3):
        recover(chat, "1 day")
    assert chat.count("upload_releases") == 0
    assert_whole(chat, upload)


def test_the_same_client_id_does_not_wait_for_the_recoverer_to_let_its_upload_go(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload, permit_id=str(uuid7()))
    chat.media.before_releasing = die
    with pytest.raises(Killed):
        user("POST", path_of(place), draft)
    chat.media.before_releasing = nothing
    assert user("POST", path_of(place), {**draft, "permit_id": chat.quota.permit()}).status_code == 201
    assert_whole(chat, upload)


def test_a_release_that_arrives_late_does_not_free_the_upload_of_a_message(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload, permit_id=str(uuid7()))
    assert user("POST", path_of(place), draft).status_code == 403
    assert user("POST", path_of(place), {**draft, "permit_id": chat.quota.permit()}).status_code == 201
    owner = chat.media.used_by(upload)
    assert chat.count("upload_releases") == 1
    recover(chat, "5 minutes")
    assert (chat.media.used_by(upload), chat.count("upload_releases")) == (owner, 0)
    assert_whole(chat, upload)


def test_a_claim_that_arrives_after_its_send_was_refused_is_let_go(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    """One request sleeps on its way to media-svc while an equal one is refused."""
    draft = chat.media_draft(upload)
    asleep, wake = threading.Event(), threading.Event()

    def sleep() -> None:
        chat.media.before_claiming = nothing
        asleep.set()
        wake.wait(60)

    chat.media.before_claiming = sleep
    with ThreadPoolExecutor(1) as threads:
        sleeper = threads.submit(user, "POST", path_of(place), {**draft, "permit_id": str(uuid7())})
        assert asleep.wait(60)
        assert user("POST", path_of(place), {**draft, "permit_id": str(uuid7())}).status_code == 403
        wake.set()
        assert sleeper.result(60).status_code == 403
    recover(chat)
    assert chat.media.used_by(upload) is None
    assert user("POST", path_of(place), chat.media_draft(upload)).status_code == 201


def test_an_admission_that_was_settled_before_the_message_is_not_written_and_its_repeat_is(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload)
    verdicts: list[bool] = []
    chat.quota.after_admitting = lambda admission: verdicts.append(chat.settle(admission))
    stuck = user("POST", path_of(place), draft)
    assert (stuck.status_code, problem(stuck)["code"]) == (503, "unavailable")
    assert (verdicts, chat.count("messages"), chat.media.used_by(upload)) == ([False], 0, None)
    assert chat.row("SELECT last_seq FROM conversations") == (0,)
    chat.quota.after_admitting = nothing
    (admission_id,) = chat.quota.admissions
    assert user("POST", path_of(place), draft).status_code == 503
    chat.quota.reverse(admission_id)
    assert user("POST", path_of(place), draft).status_code == 201
    assert_whole(chat, upload)
    assert chat.emitted(AIReplyRequested)[0]["generation"] == 2
    assert chat.settle(chat.quota.admissions[admission_id]) is True
    assert chat.settle({**chat.quota.admissions[admission_id], "generation": 1}) is False


def test_an_admission_of_media_is_not_taken_for_a_text_of_the_same_client_id(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload)
    killed(chat, user, place, "after the admission", draft)
    recover_refused = chat.quota.admissions.copy()
    with chat.service.database.transaction():
        chat.service.database.execute("UPDATE sends SET state = 'refused'")
    assert user("POST", path_of(place), chat.draft(client_id=draft["client_id"])).status_code == 201
    (admission,) = recover_refused.values()
    assert chat.settle(admission) is False
