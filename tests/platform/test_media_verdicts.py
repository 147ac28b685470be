"""The policy check through the whole platform: what becomes of each verdict, and of a provider that gives none."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing import eventually
from deploy.client import Client, Refused
from tests.platform.media_kit import KNOWN_BAD, MediaPlatform, keys_of, plain
from tests.platform.test_first_conversation import mara, messages
from tests.stubs.classifier import COLOURS, Behaviour, by_colour, failing, garbage, outage, silent, slowly


def picture(name: str, seed: int) -> bytes:
    """A picture of that verdict; another seed, other bytes, so that no kept verdict answers for it."""
    return plain(COLOURS[name], (400 + seed, 300))


@pytest.mark.parametrize("name", ["soft", "erotic"])
def test_what_is_to_be_blurred_has_a_preview_and_may_be_sent(media_platform: MediaPlatform, name: str) -> None:
    someone = media_platform.person()
    conversation = mara(someone)["id"]
    upload = someone.upload(picture(name, 1), "image/jpeg", conversation)
    assert (upload["status"], upload["media"]["nsfw_flag"]) == ("completed", name)
    sent = someone.send_media(conversation, upload, None, someone.permit()["permit_id"])
    assert sent["media"]["nsfw_flag"] == name
    assert sent["media"]["preview_key"]
    signed = someone.sign(keys_of(sent["media"]))
    assert signed["denied"] == []
    assert {someone.look(url).status_code for url in signed["urls"].values()} == {200}
    assert mara(someone)["last_message_preview"]


@pytest.mark.parametrize("name", ["blocked", "minor"])
def test_what_is_forbidden_can_be_neither_seen_nor_sent_and_is_kept_as_evidence(
    media_platform: MediaPlatform, name: str
) -> None:
    someone = media_platform.person()
    conversation = mara(someone)["id"]
    upload = someone.upload(picture(name, 2), "image/jpeg", conversation)
    assert (upload["status"], upload["media"], upload["blocked_reason"]) == ("blocked", None, "policy-violation")
    assert (upload["error"]["code"], bool(upload["error"]["detail"])) == ("policy", True)
    with pytest.raises(Refused) as refusal:
        someone.send_media(conversation, upload, None, someone.permit()["permit_id"])
    assert (refusal.value.status, refusal.value.code) == (409, "upload-blocked")
    assert messages(someone, conversation) == []
    kept = eventually(
        lambda: {key for key, size in media_platform.objects(upload["upload_id"]).items() if size},
        until=lambda keys: not any(key.startswith("incoming/") for key in keys),
    )
    assert any(key.endswith("/full.jpg") for key in kept)
    assert all(key.startswith("evidence/") for key in kept)
    guesses = [*kept, *(key.removeprefix("evidence/") for key in kept)]
    assert sorted(someone.sign(guesses)["denied"]) == sorted(guesses)
    asked = ("SELECT source, reason FROM reports WHERE upload_id = %s", upload["upload_id"])
    if name == "minor":
        reports = eventually(lambda: media_platform.rows("chat-svc", *asked))
        assert reports == [("pipeline", "minor_suspicion")]


def test_a_known_bad_file_opens_an_incident_and_stops_the_uploads_of_its_sender(media_platform: MediaPlatform) -> None:
    someone = media_platform.person()
    conversation = mara(someone)["id"]
    upload = someone.upload(KNOWN_BAD, "image/jpeg", conversation)
    assert (upload["status"], upload["media"], upload["error"]["code"]) == ("blocked", None, "policy")
    asked = ("SELECT source, reason, incident FROM reports WHERE upload_id = %s", upload["upload_id"])
    assert eventually(lambda: media_platform.rows("chat-svc", *asked)) == [("pipeline", "hash_match", True)]
    with pytest.raises(Refused) as refusal:
        begin(someone, conversation, plain((90, 140, 90)))
    assert (refusal.value.status, refusal.value.code) == (403, "uploads-stopped")
    # Who was stopped can still write.
    assert someone.send(conversation, "Hello?", someone.permit()["permit_id"])["kind"] == "text"


OUTAGES: dict[str, Behaviour] = {
    "an error": failing(500),
    "garbage": garbage,
    "an outage": outage,
    "silence": silent,
}


@pytest.mark.parametrize("name", OUTAGES)
def test_while_the_provider_gives_no_verdict_nothing_is_let_through_and_then_it_goes_on(
    media_platform: MediaPlatform, name: str
) -> None:
    someone = media_platform.person()
    conversation = mara(someone)["id"]
    media_platform.classifier.otherwise = OUTAGES[name]
    stream = someone.stream()
    stream.until(lambda event: event.name == "ready")
    upload = begin(someone, conversation, plain((90, 140, 90), (500 + list(OUTAGES).index(name), 300)))
    told = stream.until(lambda event: event.name == "upload.updated" and event.data["error"] is not None)[-1].data
    assert (told["upload_id"], told["status"], told["media"]) == (upload["upload_id"], "processing", None)
    assert told["error"]["code"] == "check-delayed"
    with pytest.raises(Refused) as refusal:
        someone.send_media(conversation, told, None, someone.permit()["permit_id"])
    assert refusal.value.code == "upload-not-ready"
    media_platform.classifier.otherwise = by_colour
    ended = stream.until(lambda event: event.name == "upload.updated" and event.data["status"] == "completed")[-1].data
    stream.close()
    assert (ended["error"], ended["media"]["nsfw_flag"]) == (None, "safe")


def test_a_slow_provider_only_takes_longer(media_platform: MediaPlatform) -> None:
    someone = media_platform.person()
    conversation = mara(someone)["id"]
    media_platform.classifier.otherwise = slowly(3.0, by_colour)
    upload = someone.upload(plain((90, 140, 90), (520, 300)), "image/jpeg", conversation)
    assert upload["status"] == "completed"


def begin(client: Client, conversation: str, data: bytes) -> dict[str, Any]:
    """Upload without waiting for the end."""
    announced = client.announce(
        {
            "purpose": "chat", "conversation_id": conversation, "kind": "image", "content_type": "image/jpeg",
            "size": len(data),
        }
    )  # fmt: skip
    assert client.put(announced, data).status_code == 200
    upload: dict[str, Any] = client.call("POST", f"/v1/uploads/{announced['upload_id']}/complete")
    return upload
