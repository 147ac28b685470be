"""The thread list (CHAT-2), pages of messages (CHAT-3) and read markers (CHAT-7)."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.contracts.chat import ConversationChanged
from chassis.ids import uuid7
from chassis.testing import Caller, problem
from chat_svc.domain.messages import preview
from tests.chat_svc.chat_stand_ins import Chat, in_parallel


def test_the_newest_activity_comes_first_over_all_pages(chat: Chat, user: Caller) -> None:
    opened = [chat.conversation(user)["id"] for _ in range(7)]
    for number in (4, 1):
        chat.send(user, opened[number])
    asked = chat.send(user, opened[0])["id"]
    chat.send(user, opened[5])
    chat.reply(opened[0], [asked])
    seen, cursor = [], ""
    while True:
        page = user("GET", f"/v1/conversations?limit=3{cursor}").json
        seen.append([one["id"] for one in page["items"]])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    expected = [opened[number] for number in (0, 5, 1, 4, 6, 3, 2)]
    assert seen == [expected[:3], expected[3:6], expected[6:]]


def test_a_page_asks_once_how_the_user_stands(chat: Chat, user: Caller, user_id: uuid.UUID) -> None:
    opened = [chat.conversation(user) for _ in range(5)]
    chat.send(user, opened[3]["id"])
    chat.quota.premium.add(str(user_id))
    items = user("GET", "/v1/conversations?limit=4").json["items"]
    assert [one["companion_id"] for one in items] == chat.quota.standing_calls[0]
    assert len(chat.quota.standing_calls) == 1
    assert [one["free_remaining"]["text"] for one in items] == [9, 10, 10, 10]
    assert all(one["premium_active"] for one in items)


def test_an_empty_list_asks_nobody(chat: Chat, user: Caller) -> None:
    assert user("GET", "/v1/conversations").json == {"items": [], "next_cursor": None}
    assert chat.quota.calls == []


def test_a_missing_counter_is_zero_and_not_unlimited(chat: Chat, user: Caller) -> None:
    opened = chat.conversation(user)
    chat.quota.counters.clear()
    shown = user("GET", f"/v1/conversations/{opened['id']}").json
    assert shown["free_remaining"] == {"text": 0, "media": 0, "audio": 0}


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "limit=101", "limit=a", "page=2"])
def test_a_list_query_that_is_not_right_is_refused(chat: Chat, user: Caller, query: str) -> None:
    answer = user("GET", f"/v1/conversations?{query}")
    assert (answer.status_code, list(problem(answer)["errors"])) == (422, [query.split("=")[0]])


def test_a_cursor_of_another_user_is_refused(chat: Chat, user: Caller) -> None:
    for _ in range(2):
        chat.conversation(user)
    cursor = user("GET", "/v1/conversations?limit=1").json["next_cursor"]
    assert chat.user(uuid7())("GET", f"/v1/conversations?cursor={cursor}").status_code == 422


def test_reads_answer_unavailable_while_quota_is_away(chat: Chat, user: Caller) -> None:
    opened = chat.conversation(user)
    chat.quota.is_down = True
    for path in ("/v1/conversations", f"/v1/conversations/{opened['id']}"):
        answer = user("GET", path)
        assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"]
    assert chat.messages(user, opened["id"]) == []


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("text", "Hello", "Hello"),
        ("text", "a" * 140, "a" * 140),
        ("text", "a" * 141, "a" * 140 + "…"),
        ("text", "\U0001f600" * 4000, "\U0001f600" * 140 + "…"),
        ("text", "one\ntwo\tthree", "one two three"),
        ("image", None, "[Image]"),
        ("video", "", "[Video]"),
        ("voice", None, "[Voice note]"),
        ("image", "At the sea", "At the sea"),
    ],
)
def test_a_preview_is_the_beginning_of_the_text_or_the_kind(kind: str, text: str | None, expected: str) -> None:
    assert preview(kind, text) == expected


def test_the_last_message_is_shown_and_unread_replies_are_counted(chat: Chat, user: Caller) -> None:
    place = chat.conversation(user)["id"]

    def shown() -> dict[str, object]:
        (one,) = user("GET", "/v1/conversations").json["items"]
        fields = ("last_message_preview", "last_seq", "read_seq", "unread", "unread_count")
        return {name: one[name] for name in fields}

    asked = chat.send(user, place, "a" * 200)["id"]
    assert shown() == {
        "last_message_preview": "a" * 140 + "…", "last_seq": 1, "read_seq": 0, "unread": False, "unread_count": 0,
    }  # fmt: skip
    chat.reply(place, [asked], "First")
    chat.reply(place, [chat.send(user, place)["id"]], "Second\nline")
    assert shown() == {
        "last_message_preview": "Second line", "last_seq": 4, "read_seq": 0, "unread": True, "unread_count": 2,
    }  # fmt: skip
    user("POST", f"/v1/conversations/{place}/read", {"seq": 2})
    assert shown()["unread_count"] == 1
    chat.reply(place, [asked], "First again")
    assert shown()["unread_count"] == 2
    chat.reply(place, [asked], "First once more")
    assert shown()["unread_count"] == 2
    (item,) = user("GET", "/v1/conversations").json["items"]
    assert item["last_message_at"] == chat.messages(user, place)[-1]["created_at"]


def test_markers_move_on_up_to_the_newest_message_and_never_back(chat: Chat, user: Caller, user_id: uuid.UUID) -> None:
    place = chat.conversation(user)["id"]
    for number in range(3):
        chat.send(user, place, f"Text {number}")
    told = len(chat.emitted(ConversationChanged))
    moves = [("delivered", 2, 0, 2), ("read", 1, 1, 2), ("read", 0, 1, 2), ("read", 1, 1, 2), ("delivered", 1, 1, 2),
             ("read", 10**18, 3, 3), ("delivered", 99, 3, 3), ("read", 2, 3, 3)]  # fmt: skip
    for kind, seq, read, delivered in moves:
        answer = user("POST", f"/v1/conversations/{place}/{kind}", {"seq": seq})
        assert (answer.status_code, answer.data) == (204, b"")
        assert chat.row("SELECT read_seq, delivered_seq FROM participants") == (read, delivered), (kind, seq)
    assert user("GET", f"/v1/conversations/{place}").json["read_seq"] == 3
    moved = chat.emitted(ConversationChanged)[told:]
    assert moved == [{"conversation_id": place, "recipients": [str(user_id)]}] * 3


def test_markers_moved_at_once_end_at_the_furthest(chat: Chat, user: Caller) -> None:
    place = chat.conversation(user)["id"]
    for number in range(8):
        chat.send(user, place, f"Text {number}")
    in_parallel(
        16, lambda n: user("POST", f"/v1/conversations/{place}/{'read' if n % 2 else 'delivered'}", {"seq": n // 2})
    )
    assert chat.row("SELECT read_seq, delivered_seq FROM participants") == (7, 7)


@pytest.mark.parametrize("seq", [-1, 1.5, "1", None, True])
@pytest.mark.parametrize("marker", ["read", "delivered"])
def test_a_marker_is_a_number_that_is_not_negative(chat: Chat, user: Caller, marker: str, seq: object) -> None:
    place = chat.conversation(user)["id"]
    answer = user("POST", f"/v1/conversations/{place}/{marker}", {"seq": seq})
    assert (answer.status_code, list(problem(answer)["errors"])) == (422, ["seq"])


def test_messages_are_paged_in_the_direction_asked(chat: Chat, user: Caller) -> None:
    place = chat.conversation(user)["id"]
    for number in range(5):
        chat.send(user, place, f"Text {number}")

    def page(query: str) -> tuple[list[int], bool]:
        answer = user("GET", f"/v1/conversations/{place}/messages?{query}")
        assert answer.status_code == 200
        assert set(answer.json) == {"items", "has_more"}
        return [one["seq"] for one in answer.json["items"]], answer.json["has_more"]

    assert page("") == ([1, 2, 3, 4, 5], False)
    assert page("limit=2") == ([4, 5], True)
    assert page("limit=5") == ([1, 2, 3, 4, 5], False)
    assert page("before_seq=4&limit=2") == ([2, 3], True)
    assert page("before_seq=3&limit=2") == ([1, 2], False)
    assert page("before_seq=1") == ([], False)
    assert page("after_seq=0&limit=2") == ([1, 2], True)
    assert page("after_seq=3&limit=2") == ([4, 5], False)
    assert page("after_seq=5") == ([], False)
    assert page(f"after_seq={10**30}") == ([], False)
    assert page(f"before_seq={10**30}&limit=1") == ([5], True)
    both = user("GET", f"/v1/conversations/{place}/messages?before_seq=3&after_seq=1")
    assert both.status_code == 422


@pytest.mark.parametrize("query", ["before_seq=-1", "after_seq=x", "after_seq=1_0", "limit=0", "limit=101", "order=up"])
def test_a_page_query_that_is_not_right_is_refused(chat: Chat, user: Caller, query: str) -> None:
    place = chat.conversation(user)["id"]
    answer = user("GET", f"/v1/conversations/{place}/messages?{query}")
    assert (answer.status_code, list(problem(answer)["errors"])) == (422, [query.split("=")[0]])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(limits=st.lists(st.integers(1, 9), min_size=1, max_size=6), forward=st.booleans(), start=st.integers(0, 30))
def test_paging_shows_each_message_once_whatever_the_page_sizes(
    chat: Chat, user: Caller, limits: list[int], forward: bool, start: int
) -> None:
    place = chat.conversation(user, next(iter(chat.ai.known), None))["id"]
    chat.quota.premium.add(str(chat.row("SELECT user_id FROM conversations")[0]))
    while chat.row("SELECT last_seq FROM conversations") < (23,):
        chat.send(user, place)
    at, seen, more, turn = start, [], True, 0
    while more:
        name = "after_seq" if forward else "before_seq"
        query = f"?{name}={at}&limit={limits[turn % len(limits)]}"
        answer = user("GET", f"/v1/conversations/{place}/messages{query}").json
        seqs = [one["seq"] for one in answer["items"]]
        assert seqs == sorted(seqs)
        seen = seen + seqs if forward else seqs + seen
        at = (seqs[-1] if forward else seqs[0]) if seqs else at
        more, turn = answer["has_more"], turn + 1
    assert seen == (list(range(start + 1, 24)) if forward else list(range(1, min(start, 24))))
