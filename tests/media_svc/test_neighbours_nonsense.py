"""A neighbour that answers something else than agreed is as good as away: 503, and nothing is let through."""

import pytest

from chassis.ids import uuid7
from chassis.testing import problem
from tests.media_svc.companion_media_kit import Shelf
from tests.media_svc.media_stand_ins import Media

NONSENSE = (
    b"null", b"[]", b'"yes"', b"{}", b'{"conversations": null, "companion_ids": []}',
    b'{"conversations": [1], "companion_ids": []}', b'{"conversations": [], "companion_ids": ["me"]}',
    b'{"conversations": [{"conversation_id": 5, "companion_id": null}], "companion_ids": []}',
    b'{"is_active": "yes", "premium_active": 1}',
)  # fmt: skip


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_of_chat_svc_about_a_conversation_is_unavailable(media: Media, nonsense: bytes) -> None:
    me = uuid7()
    conversation = media.chat.open(me)
    media.chat.nonsense = nonsense
    answer = media.user(me)("POST", "/v1/uploads", {
        "purpose": "chat", "conversation_id": str(conversation), "kind": "image", "content_type": "image/jpeg",
        "size": 10,
    })  # fmt: skip
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert media.row("SELECT count(*)::int FROM uploads") == (0,)


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_of_ai_svc_about_a_companion_is_unavailable(media: Media, nonsense: bytes) -> None:
    media.ai.nonsense = nonsense
    answer = media.user(uuid7())("GET", f"/v1/companions/{uuid7()}/gallery")
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert media.row("SELECT count(*)::int FROM companions") == (0,)


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_of_quota_svc_about_premium_is_unavailable_and_shows_nothing(
    media: Media, shelf: Shelf, nonsense: bytes
) -> None:
    made = shelf.completed("companion_media")
    shelf.add("gallery", made, premium_only=True)
    media.quota.nonsense = nonsense
    me = media.user(uuid7())
    for answer in (
        me("GET", f"/v1/companions/{shelf.companion_id}/gallery"),
        me("POST", "/v1/media/sign", {"keys": [made.keys["full"]]}),
    ):
        assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
