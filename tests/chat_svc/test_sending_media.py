"""Sending media to a companion (CHAT-4, CHAT-5): what is refused in which order, and what happens once only."""

import uuid
from typing import Any

import pytest

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.chat import AIReplyRequested, MediaSent, MessagePosted
from chassis.ids import derive, uuid7
from chassis.testing import Caller, problem
from tests.chat_svc.chat_stand_ins import Chat

NO_VOICE = "Voice notes can't be sent yet."


@pytest.fixture
def place(chat: Chat, user: Caller) -> str:
    return str(chat.conversation(user)["id"])


@pytest.fixture
def upload(chat: Chat, user_id: uuid.UUID, place: str) -> str:
    return chat.media.add(user_id, place)


def path_of(place: str) -> str:
    return f"/v1/conversations/{place}/messages"


def test_a_picture_with_a_caption_is_a_message_with_its_events(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload, text="  At the sea \n")
    answer = user("POST", path_of(place), draft)
    assert answer.status_code == 201
    message = answer.json
    assert message | {"id": "", "created_at": ""} == {
        "id": "",
        "conversation_id": place,
        "seq": 1,
        "client_id": draft["client_id"],
        "sender": "user",
        "kind": "image",
        "text": "At the sea",
        "media": {**chat.media.known[upload]["media"], "preview_key": None},
        "media_removed": False,
        "billing": None,
        "engine": None,
        "reply_status": "pending",
        "reply_to": None,
        "superseded": False,
        "created_at": "",
        "deleted": False,
    }
    admission_id = str(derive(uuid.UUID(place), "media", user_id, draft["client_id"]))
    (admission,) = chat.quota.admissions.values()
    assert (admission["admission_id"], admission["spend"]) == (admission_id, "media")
    assert chat.emitted(MessagePosted) == [
        {
            "message_id": message["id"], "conversation_id": place, "seq": 1, "sender_id": str(user_id),
            "recipients": [str(user_id)], "kind": "image", "admission_id": admission_id, "generation": 1,
        }
    ]  # fmt: skip
    assert chat.emitted(MediaSent) == [
        {
            "message_id": message["id"], "conversation_id": place, "sender_id": str(user_id), "upload_id": upload,
            "send_id": chat.media.used_by(upload), "kind": "image",
        }
    ]  # fmt: skip
    (wanted,) = chat.emitted(AIReplyRequested)
    assert (wanted["message_ids"], wanted["admission_id"]) == ([message["id"]], admission_id)
    assert chat.messages(user, place) == [message]
    assert chat.row("SELECT state FROM sends") == ("messaged",)


@pytest.mark.parametrize("caption", [{}, {"text": None}, {"text": ""}, {"text": " \n\t "}])
def test_a_blank_caption_is_none(chat: Chat, user: Caller, place: str, upload: str, caption: dict[str, Any]) -> None:
    answer = user("POST", path_of(place), chat.media_draft(upload, **caption))
    assert (answer.status_code, answer.json["text"]) == (201, None)
    (shown,) = user("GET", "/v1/conversations").json["items"]
    assert shown["last_message_preview"] == "[Image]"


def test_a_video_goes_the_same_way(chat: Chat, user: Caller, user_id: uuid.UUID, place: str) -> None:
    upload = chat.media.add(user_id, place, "video")
    answer = user("POST", path_of(place), chat.media_draft(upload, kind="video"))
    assert (answer.status_code, answer.json["kind"]) == (201, "video")
    (shown,) = user("GET", "/v1/conversations").json["items"]
    assert shown["last_message_preview"] == "[Video]"


def test_media_spends_no_quota_and_one_permit_use(chat: Chat, user: Caller, place: str, upload: str) -> None:
    draft = chat.media_draft(upload)
    assert user("POST", path_of(place), draft).status_code == 201
    assert user("GET", f"/v1/conversations/{place}").json["free_remaining"] == {"text": 10, "media": 2, "audio": 3}
    assert chat.quota.permits[draft["permit_id"]] == 999


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"kind": "voice"}, "kind", NO_VOICE),
        ({"upload_id": None}, "upload_id", "Required for kind image."),
        ({"upload_id": "mine"}, "upload_id", None),
        ({"text": "a" * 4001}, "text", None),
        ({"text": 5}, "text", None),
        ({"media": {}}, "media", None),
        ({"nsfw_flag": "safe"}, "nsfw_flag", None),
    ],
)
def test_a_body_that_is_not_right_is_refused_and_asks_nobody(
    chat: Chat, user: Caller, place: str, upload: str, change: dict[str, Any], field: str, text: str | None
) -> None:
    calls = len(chat.quota.calls)
    answer = user("POST", path_of(place), {**chat.media_draft(upload), **change})
    assert (answer.status_code, list(problem(answer)["errors"])) == (422, [field])
    assert text is None or problem(answer)["errors"][field] == [text]
    assert (len(chat.quota.calls), chat.media.used_by(upload), chat.count("sends")) == (calls, None, 0)


def test_refusals_come_in_the_agreed_order(chat: Chat, user: Caller, user_id: uuid.UUID) -> None:
    opened = chat.conversation(user)
    place = opened["id"]
    path, unknown = path_of(place), path_of(str(uuid7()))
    sent = chat.media_draft(chat.media.add(user_id, place))
    assert user("POST", path, sent).status_code == 201
    chat.quota.permits.clear()
    bad = chat.media_draft(str(uuid7()), permit_id="none")
    assert chat.anonymous()("POST", unknown, {**bad, "kind": "voice"}).status_code == 401
    assert user("POST", unknown, {**bad, "kind": "voice"}).status_code == 422
    assert user("POST", unknown, sent).status_code == 404
    chat.deliver(CompanionChanged(uuid.UUID(opened["companion_id"]), 9, "Mira", None, False, "offline"))
    assert user("POST", path, sent).status_code == 200
    assert problem(user("POST", path, {**sent, "text": "Other"}))["code"] == "client-id-reused"
    asked = len(chat.media.calls)
    assert problem(user("POST", path, bad))["code"] == "companion-unavailable"
    assert len(chat.media.calls) == asked
    chat.deliver(CompanionChanged(uuid.UUID(opened["companion_id"]), 10, "Mira", None, True, "offline"))
    calls = len(chat.quota.calls)
    other = str(chat.conversation(user)["id"])
    uploads = {
        "not-found": (404, [str(uuid7()), chat.media.add(uuid7(), place, status="blocked")]),
        "validation-failed": (422, [chat.media.add(user_id, other), chat.media.add(user_id, place, "video")]),
        "upload-blocked": (409, [chat.media.add(user_id, place, status="blocked")]),
        "upload-not-ready": (409, [chat.media.add(user_id, place, status="processing")]),
        "upload-already-used": (409, [sent["upload_id"], chat.media.add(user_id, place, used_by=str(uuid7()))]),
    }
    calls = len(chat.quota.calls)
    for code, (status, ids) in uploads.items():
        for upload_id in ids:
            answer = user("POST", path, {**bad, "client_id": str(uuid.uuid4()), "upload_id": upload_id})
            assert (answer.status_code, problem(answer)["code"]) == (status, code)
    assert len(chat.quota.calls) == calls
    free = chat.media.add(user_id, place)
    answer = user("POST", path, {**bad, "upload_id": free})
    assert (answer.status_code, problem(answer)["code"]) == (403, "permit-invalid")
    assert (chat.media.used_by(free), chat.count("messages")) == (None, 1)


def test_the_daily_number_of_free_media_is_told_with_the_time_to_wait(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    chat.quota.media_left = 0
    draft = chat.media_draft(upload)
    answer = user("POST", path_of(place), draft)
    assert (answer.status_code, problem(answer)["code"]) == (429, "rate-limited")
    assert answer.headers["Retry-After"] == "4000"
    assert (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]) == ("100", "0")
    assert (chat.media.used_by(upload), chat.quota.permits[draft["permit_id"]]) == (None, 1000)


def test_a_refused_send_succeeds_later_under_the_same_client_id(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str
) -> None:
    upload = chat.media.add(user_id, place, status="processing")
    draft = chat.media_draft(upload, permit_id=str(uuid7()))
    for code in ("upload-not-ready", "upload-not-ready"):
        assert problem(user("POST", path_of(place), draft))["code"] == code
    chat.media.known[upload]["status"] = "completed"
    assert problem(user("POST", path_of(place), draft))["code"] == "permit-invalid"
    assert chat.media.used_by(upload) is None
    draft["permit_id"] = chat.quota.permit()
    assert user("POST", path_of(place), draft).status_code == 201
    assert chat.count("messages") == 1


def test_after_a_refusal_the_client_id_may_carry_something_else(
    chat: Chat, user: Caller, user_id: uuid.UUID, place: str, upload: str
) -> None:
    """Only a message that was made holds its client_id."""
    draft = chat.media_draft(upload, permit_id=str(uuid7()))
    assert user("POST", path_of(place), draft).status_code == 403
    other = {**draft, "upload_id": chat.media.add(user_id, place), "text": "This one", "permit_id": chat.quota.permit()}
    assert user("POST", path_of(place), other).status_code == 201
    refused = chat.media_draft(upload, permit_id=str(uuid7()))
    assert user("POST", path_of(place), refused).status_code == 403
    text = chat.draft("A text", client_id=refused["client_id"])
    assert user("POST", path_of(place), text).status_code == 201


def test_the_same_client_id_gives_the_same_message_whatever_became_of_permit_and_upload(
    chat: Chat, user: Caller, place: str, upload: str
) -> None:
    draft = chat.media_draft(upload, text="Look")
    first = user("POST", path_of(place), draft)
    chat.quota.permits.clear()
    chat.quota.is_down = chat.media.is_down = True
    again = user("POST", path_of(place), {**draft, "permit_id": "other", "text": " Look\n"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert len(chat.emitted(MediaSent)) == 1


@pytest.mark.parametrize("change", [{"text": "Other"}, {"text": None}, {"kind": "video"}, {"upload_id": str(uuid7())}])
def test_the_same_client_id_with_another_body_is_refused(
    chat: Chat, user: Caller, place: str, upload: str, change: dict[str, Any]
) -> None:
    draft = chat.media_draft(upload, text="Look")
    assert user("POST", path_of(place), draft).status_code == 201
    for body in ({**draft, **change}, chat.draft("Look", client_id=draft["client_id"])):
        answer = user("POST", path_of(place), body)
        assert (answer.status_code, problem(answer)["code"]) == (409, "client-id-reused")
    assert chat.count("messages") == 1


def test_written_media_is_counted(chat: Chat, user: Caller, place: str, upload: str) -> None:
    user("POST", path_of(place), chat.media_draft(upload))
    assert 'duet_chat_messages_total{kind="image",sender="user"} 1.0' in chat.stranger().get("/metrics").text
