"""The upload limits that clients ask for before they upload (MEDIA-2)."""

import uuid

from chassis.testing import Harness, problem


def test_a_user_learns_the_limits_of_an_avatar(media: Harness) -> None:
    answer = media.user(uuid.uuid4())("GET", "/v1/media/rules?purpose=avatar")
    assert answer.status_code == 200
    assert answer.json == {
        "image": {
            "content_types": ["image/jpeg", "image/png", "image/webp"],
            "max_bytes": 3_145_728,
            "max_duration_ms": None,
            "price_tokens": None,
            "allowed": True,
            "reason": None,
        }
    }


def test_the_limits_have_the_shape_of_a_conversation_s_media_rules(media: Harness) -> None:
    """Clients read `media_rules` and this answer with the same code (api.md)."""
    answer = media.user(uuid.uuid4())("GET", "/v1/media/rules?purpose=companion_media")
    assert answer.json is not None
    assert list(answer.json) == ["image", "video"]
    in_chats = media.neighbour("chat-svc")("GET", "/internal/media/rules").json
    assert in_chats is not None
    assert list(in_chats) == ["image", "video", "voice"]
    assert {tuple(rule) for rule in answer.json.values()} == {tuple(rule) for rule in in_chats.values()}


def test_chat_svc_learns_that_voice_notes_are_not_possible_yet_and_why(media: Harness) -> None:
    rules = media.neighbour("chat-svc")("GET", "/internal/media/rules").json
    assert rules is not None
    assert [(rule["max_bytes"], rule["max_duration_ms"], rule["allowed"]) for rule in rules.values()] == [
        (3_145_728, None, True),
        (5_242_880, 60_000, True),
        (5_242_880, 60_000, False),
    ]
    assert rules["voice"]["reason"]


def test_an_unknown_purpose_is_named_as_the_fault(media: Harness) -> None:
    answer = media.user(uuid.uuid4())("GET", "/v1/media/rules?purpose=spam")
    assert answer.status_code == 422
    assert "purpose" in problem(answer)["errors"]


def test_an_unknown_query_parameter_is_refused(media: Harness) -> None:
    answer = media.user(uuid.uuid4())("GET", "/v1/media/rules?purpose=avatar&x=1")
    assert answer.status_code == 422
    assert "x" in problem(answer)["errors"]


def test_a_signed_out_caller_and_a_direct_call_are_refused(media: Harness) -> None:
    assert media.anonymous()("GET", "/v1/media/rules?purpose=avatar").status_code == 401
    assert problem(media.stranger().get("/v1/media/rules?purpose=avatar"))["code"] == "unauthenticated"
