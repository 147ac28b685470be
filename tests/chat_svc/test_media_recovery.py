"""Sends with media that died on the way: finished or refused by a repeat or by the recoverer, never half and half."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chassis.contracts.chat import AIReplyRequested, MediaSent, MessagePosted
from chassis.ids import uuid7
from chassis.testing import Caller, eventually, problem
from tests.chat_svc.chat_stand_ins import Chat

POINTS = ["before the claim", "after the claim", "before the admission", "after the admission"]


class Killed(BaseException):
    """What happens to a process that dies here: no handler of ours sees it."""


@pytest.fixture
def place(chat: Chat, user: Caller) -> str:
    return str(chat.conversation(user)["id"])


@pytest.fixture
def upload(chat: Chat, user_id: uuid.UUID, place: str) -> str:
    return chat.media.add(user_id, place)


def path_of(place: str) -> str:
    return f"/v1/conversations/{place}/messages"


def nothing(*_any: Any) -> None:
    """The end of a fault."""


def die(*_any: Any) -> None:
    raise Killed()


def at(chat: Chat, point: str, act: Callable[..., object]) -> None:
    """Let `act` happen at that point of the saga from now on."""
    owner, hook = {
        "before the claim": (chat.media, "before_claiming"),
        "after the claim": (chat.media, "after_claiming"),
        "before the admission": (chat.quota, "before_admitting"),
        "after the admission": (chat.quota, "after_admitting"),
    }[point]
    setattr(owner, hook, act)


def killed(chat: Chat, user: Caller, place: str, point: str, draft: dict[str, Any]) -> None:
    """Send, and die at that point."""
    at(chat, point, die)
    with pytest.raises(Killed):
        user("POST", path_of(place), draft)
    at(chat, point, nothing)


def make_due(chat: Chat, age: str = "20 s") -> None:
    """Let time pass for all that waits."""
    with chat.service.database.transaction():
        chat.service.database.execute(
            "UPDATE sends SET due_at = due_at - %s::interval, started_at = started_at - %s::interval", (age, age)
        )
        chat.service.database.execute("UPDATE upload_releases SET due_at = due_at - %s::interval", (age,))


def recover(chat: Chat, age: str = "20 s") -> None:
    make_due(chat, age)
    chat.run_loop("sends")
    chat.run_loop("releases")


def assert_whole(chat: Chat, upload: str) -> None:
    """Exactly one message with its events, and the upload is its own."""
    assert chat.count("messages") == 1
    events = [len(chat.emitted(kind)) for kind in (MessagePosted, MediaSent, AIReplyRequested)]
    assert events == [1, 1, 1]
    assert chat.emitted(MediaSent)[0]["send_id"] == chat.media.used_by(upload)
    assert chat.row("SELECT state FROM sends") == ("messaged",)
    assert len(chat.quota.admissions) == 1


@pytest.mark.parametrize("point", POINTS)
def test_a_send_killed_anywhere_is_finished_by_its_repeat(
    chat: Chat, user: Caller, place: str, upload: str, point: str
) -> None:
    draft = chat.media_draft(upload)
    killed(chat, user, place, point, draft)
    assert chat.count("messages") == 0
    assert user("POST", path_of(place), draft).status_code == 201
    assert_whole(chat, upload)
    assert chat.quota.permits[draft["permit_id"]] == 999


@pytest.mark.parametrize("point", POINTS)
def test_a_send_killed_anywhere_is_finished_by_the_recoverer(
    chat: Chat, user: Caller, place: str, upload: str, point: str
) -> None:
    draft = chat.media_draft(upload, text="Look")
    killed(chat, user, place, point, draft)
    chat.run_loop("sends")
    assert chat.count("messages") == 0, "a send is left alone while its own request may still drive it"
    recover(chat)
    assert_whole(chat, upload)
    answer = user("POST", path_of(place), draft)
    assert (answer.status_code, answer.json["text"]) == (200, "Look")
    recover(chat)
    assert_whole(chat, upload)


@pytest.mark.parametrize("point", POINTS)
def test_the_recoverer_may_die_at_the_same_point_and_the_next_one_finishes(
    chat: Chat, user: Caller, place: str, upload: str, point: str
) -> None:
    killed(chat, user, place, point, chat.media_draft(upload))
    at(chat, point, die)
    make_due(chat)
    with pytest.raises(Killed):
        chat.run_loop("sends")
    at(chat, point, nothing)
    recover(chat)
    assert_whole(chat, upload)


def test_a_send_killed_while_it_is_written_leaves_no_half_message(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload)
    with closing(psycopg2.connect(chat.service.database.dsn)) as other, ThreadPoolExecutor(1) as threads:
        cursor = other.cursor()
        cursor.execute("SELECT 1 FROM conversations FOR UPDATE")
        sending = threads.submit(user, "POST", path_of(place), draft)
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        with closing(psycopg2.connect(chat.service.database.dsn)) as third, third.cursor() as look:

            def blocked() -> Any:
                look.execute(waiting)
                found = look.fetchone()
                third.rollback()
                return found

            (pid,) = eventually(blocked)
            look.execute("SELECT pg_terminate_backend(%s)", (pid,))
        answer = sending.result(60)
        other.rollback()
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert (chat.row("SELECT state FROM sends"), chat.count("messages")) == (("admitted",), 0)
    assert chat.row("SELECT last_seq FROM conversations") == (0,)
    recover(chat)
    assert_whole(chat, upload)


@pytest.mark.parametrize("service", ["media", "quota"])
@pytest.mark.parametrize("fault", ["loses_question", "loses_answer", "is_down"])
def test_an_unknown_outcome_is_503_and_the_recoverer_finishes_the_send(
    chat: Chat, user: Caller, place: str, upload: str, service: str, fault: str
) -> None:
    draft = chat.media_draft(upload)
    setattr(getattr(chat, service), fault, True)
    answer = user("POST", path_of(place), draft)
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert chat.count("messages") == 0
    setattr(getattr(chat, service), fault, False)
    recover(chat)
    assert_whole(chat, upload)
    assert user("POST", path_of(place), draft).status_code == 200
    assert chat.quota.permits[draft["permit_id"]] == 999


def test_the_recoverer_refuses_what_is_refused_now_and_lets_the_upload_go(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload)
    killed(chat, user, place, "before the admission", draft)
    chat.quota.permits.clear()
    assert chat.media.used_by(upload) is not None
    recover(chat)
    assert (chat.row("SELECT state FROM sends"), chat.media.used_by(upload)) == (("refused",), None)
    assert user("POST", path_of(place), {**draft, "permit_id": chat.quota.permit()}).status_code == 201
    assert chat.count("messages") == 1


def test_a_send_that_could_not_be_finished_for_long_is_given_up_and_its_upload_is_free_again(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    killed(chat, user, place, "before the admission", chat.media_draft(upload))
    chat.quota.is_down = True
    recover(chat)
    assert chat.row("SELECT state FROM sends") == ("claimed",)
    recover(chat, "11 minutes")
    assert (chat.row("SELECT state FROM sends"), chat.media.used_by(upload)) == (("refused",), None)
    chat.quota.is_down = False
    answer = eventually(
        lambda: user("POST", path_of(place), chat.media_draft(upload)), until=lambda a: a.status_code != 503
    )
    assert answer.status_code == 201


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


def test_two_recoverers_and_the_client_at_once_make_one_message(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload)
    killed(chat, user, place, "after the claim", draft)
    make_due(chat)
    with ThreadPoolExecutor(6) as threads:
        answers = [threads.submit(user, "POST", path_of(place), draft) for _ in range(4)]
        loops = [threads.submit(chat.run_loop, "sends") for _ in range(2)]
        statuses = sorted(answer.result(60).status_code for answer in answers)
        assert [loop.result(60) for loop in loops] == [False, False]
    assert statuses in ([200] * 4, [200] * 3 + [201])
    assert_whole(chat, upload)


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


def test_sends_that_ended_are_forgotten_after_a_day_and_their_client_id_is_still_known(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload)
    assert user("POST", path_of(place), draft).status_code == 201
    killed(chat, user, place, "before the claim", chat.media_draft(str(uuid7())))
    chat.run_loop("forget-sends")
    assert chat.count("sends") == 2
    make_due(chat, "2 days")
    chat.run_loop("forget-sends")
    assert chat.row("SELECT state FROM sends") == ("claiming",)
    assert user("POST", path_of(place), draft).status_code == 200
    assert problem(user("POST", path_of(place), {**draft, "text": "Other"}))["code"] == "client-id-reused"
