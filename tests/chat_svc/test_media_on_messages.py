"""Messages that carry media: how they are shown, what becomes of them when media is taken down, and companions' own."""

import uuid
from typing import Any

import pytest

from chassis.contracts.chat import AIReplied, AIReplyRequested, MessagesUpdated
from chassis.contracts.media import MediaQuarantined, MediaStandingChanged
from chassis.ids import uuid7
from chassis.inbox import Done
from chassis.testing import Caller, problem
from tests.chat_svc.chat_stand_ins import Chat
from tests.chat_svc.media_stand_in import description


@pytest.fixture
def place(chat: Chat, user: Caller) -> str:
    return str(chat.conversation(user)["id"])


def send(chat: Chat, user: Caller, place: str, upload: str, **more: Any) -> dict[str, Any]:
    answer = user("POST", f"/v1/conversations/{place}/messages", chat.media_draft(upload, **more))
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def change(upload: str, version: int, *, flag: str = "safe", removed: bool = False) -> MediaStandingChanged:
    return MediaStandingChanged(uuid.UUID(upload), flag, removed, version)


def asset(upload: str, **more: Any) -> dict[str, Any]:
    return {
        "upload_id": upload, "asset_id": str(uuid7()), "description": description(upload), "nsfw_flag": "soft",
        "version": 2, **more,
    }  # fmt: skip


def deliver(chat: Chat, place: str, asked: str, reply_id: str | None = None, **more: Any) -> Any:
    path = f"/internal/conversations/{place}/replies/{reply_id or uuid7()}"
    body = {"message_ids": [asked], "kind": "image", "text": "Me at the beach", "engine": "model", "media": None}
    return chat.as_ai("PUT", path, {**body, **more})


def seen(chat: Chat, user_id: uuid.UUID, place: str, seq: int) -> dict[str, Any]:
    refs = [{"conversation_id": place, "seq": seq}]
    (item,) = chat.as_gateway("POST", "/internal/messages:batch", {"viewer": str(user_id), "refs": refs}).json["items"]
    return dict(item)


@pytest.mark.parametrize(("flag", "blurred"), [("safe", False), ("soft", True), ("erotic", True)])
def test_every_read_shows_the_same_media_and_a_preview_only_of_what_is_blurred(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str, flag: str, blurred: bool
) -> None:
    upload = chat.media.add(user_id, place, nsfw_flag=flag)
    sent = send(chat, user, place, upload)
    kept = chat.media.known[upload]["media"]
    assert sent["media"] == {**kept, "nsfw_flag": flag, "preview_key": kept["preview_key"] if blurred else None}
    assert [sent] == chat.messages(user, place) == [seen(chat, user_id, place, 1)]


def test_what_media_svc_keeps_besides_is_not_told(chat: Chat, user: Caller, user_id: uuid.UUID, place: str) -> None:
    upload = chat.media.add(user_id, place, media={**description("x"), "pdq": ["abc"], "original": "incoming/x"})
    assert set(send(chat, user, place, upload)["media"]) == set(description("x"))


def test_removed_media_is_gone_from_every_read_and_its_participants_are_told_once(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    upload = chat.media.add(user_id, place)
    sent = send(chat, user, place, upload, text="At the sea")
    told = len(chat.emitted(MessagesUpdated))
    assert chat.deliver(change(upload, 4, removed=True), times=3) == [Done()] * 3
    for _ in range(3):
        chat.run_loop("standings")
    gone = {**sent, "media": None, "media_removed": True}
    assert [gone] == chat.messages(user, place) == [seen(chat, user_id, place, 1)]
    assert chat.emitted(MessagesUpdated)[told:] == [
        {"conversation_id": place, "recipients": [str(user_id)], "seqs": [1]}
    ]
    answer = user(
        "POST", f"/v1/conversations/{place}/messages",
        {**chat.media_draft(upload, text="At the sea"), "client_id": sent["client_id"]},
    )  # fmt: skip
    assert (answer.status_code, answer.json) == (200, gone)


def test_the_newest_standing_counts_in_whatever_order_they_come(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    upload = chat.media.add(user_id, place, version=3)
    send(chat, user, place, upload)
    for version, flag, removed in [(6, "soft", False), (5, "safe", True), (4, "erotic", False)]:
        chat.deliver(change(upload, version, flag=flag, removed=removed))
    (message,) = chat.messages(user, place)
    assert (message["media"]["nsfw_flag"], message["media_removed"]) == ("soft", False)
    assert message["media"]["preview_key"] is not None


def test_a_standing_from_before_the_claim_changes_nothing(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    upload = chat.media.add(user_id, place, version=3)
    chat.deliver(change(upload, 2, removed=True))
    assert send(chat, user, place, upload)["media"] is not None


def test_media_taken_down_between_claim_and_message_is_never_shown(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    upload = chat.media.add(user_id, place, version=3)
    chat.media.after_claiming = lambda upload_id: chat.deliver(change(upload_id, 4, removed=True))
    sent = send(chat, user, place, upload)
    assert (sent["media"], sent["media_removed"]) == (None, True)


def test_media_judged_as_blocked_later_is_not_shown(chat: Chat, user: Caller, user_id: uuid.UUID, place: str) -> None:
    upload = chat.media.add(user_id, place, version=3)
    send(chat, user, place, upload)
    chat.deliver(change(upload, 4, flag="blocked"))
    (message,) = chat.messages(user, place)
    assert (message["media"], message["media_removed"]) == (None, True)


def test_an_asset_that_is_taken_down_is_told_in_every_conversation_it_was_sent_in(chat: Chat) -> None:
    companion, upload = chat.ai.add(), str(uuid7())
    users = [uuid7() for _ in range(3)]
    places = {}
    for user_id in users:
        caller = chat.user(user_id)
        places[str(user_id)] = str(chat.conversation(caller, companion)["id"])
        asked = chat.send(caller, places[str(user_id)])["id"]
        for _ in range(2):
            assert deliver(chat, places[str(user_id)], asked, media=asset(upload)).status_code == 201
    chat.deliver(change(upload, 9, removed=True))
    chat.run_loop("standings")
    told = {event["recipients"][0]: event for event in chat.emitted(MessagesUpdated)}
    assert {user_id: (event["conversation_id"], event["seqs"]) for user_id, event in told.items()} == {
        user_id: (place, [2, 3]) for user_id, place in places.items()
    }
    assert len(chat.emitted(MessagesUpdated)) == 3


def test_an_asset_of_very_many_conversations_is_told_in_several_steps_each_once(chat: Chat) -> None:
    upload, companion, count = uuid7(), uuid.UUID(chat.ai.add()), 450
    with chat.service.database.transaction():
        chat.service.database.execute(
            "WITH made AS (INSERT INTO conversations (id, user_id, companion_id, last_seq)"
            " SELECT gen_random_uuid(), gen_random_uuid(), %s, 1 FROM generate_series(1, %s) RETURNING id)"
            " INSERT INTO messages"
            " (conversation_id, seq, id, kind, upload_id, asset_id, media, media_version, nsfw_flag)"
            " SELECT id, 1, gen_random_uuid(), 'image', %s, %s, '{}', 1, 'safe' FROM made",
            (companion, count, upload, uuid7()),
        )
    chat.deliver(change(str(upload), 2, removed=True))
    assert [chat.run_loop("standings") for _ in range(4)] == [True, True, True, False]
    told = [event["conversation_id"] for event in chat.emitted(MessagesUpdated)]
    assert (len(told), len(set(told))) == (count, count)


def test_a_companion_s_picture_is_a_message_with_its_caption(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    asked = chat.send(user, place)["id"]
    upload, reply_id = str(uuid7()), str(uuid7())
    media = asset(upload)
    answers = [deliver(chat, place, asked, reply_id, media=media) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    message = chat.messages(user, place)[-1]
    assert (message["sender"], message["kind"], message["text"]) == ("ai", "image", "Me at the beach")
    assert message["media"] == {**media["description"], "nsfw_flag": "soft"}
    assert "asset_id" not in message
    assert [(event["kind"], event["seq"]) for event in chat.emitted(AIReplied)] == [("image", 2)]
    assert seen(chat, user_id, place, 2) == message
    for blank in (None, " "):
        deliver(chat, place, asked, kind="video", text=blank, media=asset(str(uuid7())))
        assert chat.messages(user, place)[-1]["text"] is None
    (shown,) = user("GET", "/v1/conversations").json["items"]
    assert shown["last_message_preview"] == "[Video]"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "media"),
        ({"kind": "text", "media": asset(str(uuid7()))}, "media"),
        ({"kind": "text", "text": None}, "text"),
        ({"kind": "voice", "media": asset(str(uuid7()))}, "kind"),
        ({"kind": "text", "text": " "}, "text"),
        ({"media": asset(str(uuid7()), nsfw_flag="fine")}, "media.nsfw_flag"),
        ({"media": asset(str(uuid7()), version=0)}, "media.version"),
        ({"media": asset(str(uuid7()), asset_id=None)}, "media.asset_id"),
    ],
)
def test_a_media_reply_that_is_not_right_is_refused(
    chat: Chat, user: Caller, place: str, body: dict[str, Any], field: str
) -> None:
    asked = chat.send(user, place)["id"]
    answer = deliver(chat, place, asked, **body)
    assert (answer.status_code, list(problem(answer)["errors"])) == (422, [field])


def test_the_context_tells_the_kind_and_the_caption_and_nothing_of_the_media(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    captioned = send(chat, user, place, chat.media.add(user_id, place), text='Say "hi"\nnow')
    deliver(chat, place, captioned["id"], media=asset(str(uuid7())))
    upload = chat.media.add(user_id, place, "video")
    bare = send(chat, user, place, upload, kind="video")
    chat.deliver(change(upload, 4, removed=True))
    answer = chat.as_ai("POST", f"/internal/conversations/{place}/context", {"message_ids": [bare["id"]], "limit": 8})
    told = [(one["sender"], one["kind"], one["text"]) for one in answer.json["messages"]]
    assert told == [
        ("user", "image", 'Say "hi"\nnow'), ("ai", "image", "Me at the beach"), ("user", "video", None),
    ]  # fmt: skip
    assert {frozenset(one) for one in answer.json["messages"]} == {frozenset({"id", "seq", "sender", "kind", "text"})}


def test_a_failed_reply_to_media_can_be_asked_for_again(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    asked = send(chat, user, place, chat.media.add(user_id, place))["id"]
    chat.fail(place, [asked])
    assert chat.messages(user, place)[0]["reply_status"] == "failed"
    wish = {"client_id": str(uuid.uuid4()), "permit_id": chat.quota.permit()}
    answer = user("POST", f"/v1/conversations/{place}/regenerate", wish)
    assert answer.status_code == 202
    assert chat.emitted(AIReplyRequested)[-1]["message_ids"] == [asked]
    assert list(chat.quota.admissions.values())[-1]["spend"] == "text"


def test_a_companion_s_media_is_replaced_by_another_reply(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    asked = send(chat, user, place, chat.media.add(user_id, place))["id"]
    deliver(chat, place, asked, media=asset(str(uuid7())))
    wish = {"client_id": str(uuid.uuid4()), "permit_id": chat.quota.permit()}
    reply_id = user("POST", f"/v1/conversations/{place}/regenerate", wish).json["reply_id"]
    assert deliver(chat, place, asked, reply_id, media=asset(str(uuid7()))).status_code == 201
    assert [message["superseded"] for message in chat.messages(user, place)] == [False, True, False]


def test_a_quarantine_opens_one_incident_per_upload_and_reason(chat: Chat, user_id: uuid.UUID) -> None:
    upload, place = uuid7(), uuid7()
    found = MediaQuarantined(upload, user_id, place, "image", "hash_match")
    assert chat.deliver(found, times=2) == [Done()] * 2
    chat.deliver(found)
    chat.deliver(MediaQuarantined(upload, user_id, place, "image", "minor_suspicion"))
    chat.deliver(MediaQuarantined(uuid7(), user_id, None, "image", "minor_suspicion"))
    with chat.service.database.reading():
        rows = chat.service.database.rows(
            "SELECT upload_id, reported_user_id, conversation_id, reason, source, incident, status FROM reports"
            " WHERE upload_id = %s ORDER BY reason",
            (upload,),
        )
    assert rows == [
        (upload, user_id, place, reason, "pipeline", True, "pending") for reason in ("hash_match", "minor_suspicion")
    ]
    assert chat.count("reports") == 3
