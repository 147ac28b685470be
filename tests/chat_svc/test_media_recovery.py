"""Sends with media that died on the way: finished or refused by a repeat or by the recoverer, never half and half."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chassis.ids import uuid7
from chassis.testing import Caller, eventually, problem
from tests.chat_svc.chat_stand_ins import Chat
from tests.chat_svc.media_steps import (
    POINTS,
    Killed,
    assert_whole,
    at,
    die,
    killed,
    make_due,
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
