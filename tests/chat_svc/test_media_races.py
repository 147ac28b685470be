"""Media sends at the same moment: equal ones, others under the same client_id, and texts beside them (CHAT-4)."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.contracts.chat import AIReplyRequested, MediaSent
from chassis.testing import Caller, eventually, problem
from tests.chat_svc.chat_stand_ins import Chat, in_parallel


@pytest.fixture
def place(chat: Chat, user: Caller) -> str:
    return str(chat.conversation(user)["id"])


@pytest.fixture
def upload(chat: Chat, user_id: uuid.UUID, place: str) -> str:
    return chat.media.add(user_id, place)


def path_of(place: str) -> str:
    return f"/v1/conversations/{place}/messages"


def test_twenty_equal_sends_at_once_are_one_message_and_one_admission(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload)
    permits = [draft["permit_id"], chat.quota.permit()]
    answers = in_parallel(20, lambda n: user("POST", path_of(place), {**draft, "permit_id": permits[n % 2]}))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({str(answer.json) for answer in answers}) == 1
    assert len(chat.quota.admissions) == 1
    assert sum(chat.quota.permits[permit] for permit in permits) == 1999
    assert (chat.count("messages"), len(chat.emitted(MediaSent)), len(chat.emitted(AIReplyRequested))) == (1, 1, 1)
    assert chat.row("SELECT last_seq FROM conversations") == (1,)


def test_one_upload_in_twenty_sends_at_once_is_one_message(chat: Chat, user: Caller, place: str, upload: str) -> None:
    answers = in_parallel(20, lambda _n: user("POST", path_of(place), chat.media_draft(upload)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"upload-already-used"}
    assert (chat.count("messages"), len(chat.quota.admissions)) == (1, 1)


def test_of_two_bodies_under_one_client_id_at_once_one_is_refused(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    drafts = [chat.media_draft(chat.media.add(user_id, place)) for _ in range(2)]
    answers = in_parallel(2, lambda n: user("POST", path_of(place), {**drafts[n], "client_id": drafts[0]["client_id"]}))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert chat.count("messages") == 1


def test_while_a_send_is_in_flight_an_equal_one_gets_its_message_and_another_body_is_refused(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload, text="Look")
    go_on = threading.Event()
    chat.media.before_claiming = lambda: go_on.wait(60)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(user, "POST", path_of(place), draft)
        eventually(lambda: chat.count("sends"), until=lambda count: count == 1)
        again = threads.submit(user, "POST", path_of(place), draft)
        text = chat.draft("Look", client_id=draft["client_id"])
        for body in ({**draft, "text": "Other"}, {**draft, "upload_id": chat.media.add(user_id, place)}, text):
            answer = user("POST", path_of(place), body)
            assert (answer.status_code, problem(answer)["code"]) == (409, "client-id-reused")
        go_on.set()
        answers = [first.result(60), again.result(60)]
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert answers[0].json == answers[1].json
    assert (chat.count("messages"), len(chat.quota.admissions)) == (1, 1)


def test_a_text_that_was_let_in_first_keeps_its_client_id_and_the_media_is_refused(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload)
    text_is_in, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        chat.quota.before_admitting = lambda: None
        text_is_in.set()
        go_on.wait(60)

    def let_the_text_through(_upload: str) -> None:
        go_on.set()
        eventually(lambda: chat.count("messages"))

    chat.quota.before_admitting = wait
    chat.media.after_claiming = let_the_text_through
    with ThreadPoolExecutor(1) as threads:
        text = threads.submit(user, "POST", path_of(place), chat.draft(client_id=draft["client_id"]))
        assert text_is_in.wait(60)
        refused = user("POST", path_of(place), draft)
        assert text.result(60).status_code == 201
    assert (refused.status_code, problem(refused)["code"]) == (409, "client-id-reused")
    assert (chat.media.used_by(upload), chat.row("SELECT state FROM sends")) == (None, ("refused",))
    assert [message["kind"] for message in chat.messages(user, place)] == ["text"]


def test_texts_and_media_at_once_share_one_gapless_numbering(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    chat.quota.premium.add(str(user_id))
    uploads = [chat.media.add(user_id, place) for _ in range(20)]

    def send(number: int) -> int:
        body = chat.draft() if number % 2 else chat.media_draft(uploads[number])
        return user("POST", path_of(place), body).status_code

    assert in_parallel(20, send) == [201] * 20
    assert [message["seq"] for message in chat.messages(user, place)] == list(range(1, 21))
