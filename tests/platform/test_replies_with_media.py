"""Media in the conversation with a model behind it: what the model sees, what it sends, and what that costs."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from chassis.testing import eventually
from deploy.client import Client
from tests.platform.media_kit import MediaPlatform, plain, prompts, reply_to, say
from tests.platform.test_first_conversation import mara, messages

ASSETS = (
    {"text": "My morning espresso", "tags": ["coffee"], "colour": (150, 110, 80)},
    {"text": "Me at the beach, looking at the waves", "tags": ["beach", "sunset"], "colour": (90, 150, 150)},
    {"text": "The mountains in the mist", "tags": ["mountains"], "colour": (120, 130, 120)},
)


@pytest.fixture(scope="module")
def companion(running_media: MediaPlatform) -> str:
    """A companion with three assets, of which one shows the beach, and one that is for adults who asked for it."""
    mature: dict[str, Any] = {"text": "By candle light", "tags": ["candles"], "colour": (90, 60, 50), "mature": True}
    return running_media.new_companion(running_media.admin(), [*ASSETS, mature])


def free_media(client: Client, companion: str) -> int:
    left: int = client.open(companion)["free_remaining"]["media"]
    return left


def test_the_model_learns_that_a_picture_came_and_with_which_caption_and_nothing_of_where_it_lies(
    media_platform: MediaPlatform,
) -> None:
    someone = media_platform.person()
    conversation = mara(someone)
    upload = someone.upload(plain((90, 140, 90)), "image/jpeg", conversation["id"])
    caption = 'My cat "Momo" on the sofa'
    sent = someone.send_media(conversation["id"], upload, caption, someone.permit()["permit_id"])
    assert (sent["kind"], sent["reply_status"]) == ("image", "pending")
    reply = reply_to(someone, conversation["id"], sent)
    assert reply["kind"] == "text"
    told = media_platform.model.requests[-1]["messages"][-1]["content"]
    assert told.startswith('User sent an IMAGE. caption: "')
    assert "Momo" in told
    everything = prompts(media_platform.model)
    for secret in ("http://", "https://", "/cdn/", "/store/", "incoming/", upload["upload_id"], upload["media"]["key"],
                   someone.user["email"], someone.user["id"]):  # fmt: skip
        assert secret not in everything
    thread = mara(someone)
    assert thread["free_remaining"]["media"] == 2
    assert thread["free_remaining"]["text"] == 10


def test_a_reply_with_a_tag_brings_that_asset_until_the_free_media_are_used_up_and_then_a_hint(
    media_platform: MediaPlatform, companion: str
) -> None:
    someone = media_platform.person()
    conversation = someone.open(companion)["id"]
    media_platform.decide("image", ["beach"])
    assert free_media(someone, companion) == 2
    stream = someone.stream()
    stream.until(lambda event: event.name == "ready")
    first = say(someone, conversation, "Where are you today?")
    assert first["kind"] == "image"
    assert first["text"] == "Me at the beach, looking at the waves"
    assert eventually(lambda: free_media(someone, companion), until=lambda left: left == 1) == 1
    seen = stream.until(lambda event: event.name == "message.created" and event.data["id"] == first["id"])
    stream.close()
    assert "choosing_image" in [event.data.get("stage") for event in seen if event.name == "reply.progress"]
    media = first["media"]
    url = someone.sign([media["key"]])["urls"][media["key"]]
    assert someone.look(url).status_code == 200
    media_platform.decide("image", ["beach"], "And this is me again.")
    second = say(someone, conversation, "Show me more!")
    assert (second["kind"], second["text"]) == ("image", "And this is me again.")
    assert second["media"]["key"] != media["key"]
    assert free_media(someone, companion) == 0
    third = say(someone, conversation, "One more?")
    assert (third["kind"], third["media"]) == ("text", None)
    assert "Premium" in third["text"]
    assert "photo" in third["text"]
    assert free_media(someone, companion) == 0


def test_a_picture_given_once_more_is_another_one_for_another_media_and_the_first_stays_to_be_seen(
    media_platform: MediaPlatform, companion: str
) -> None:
    someone = media_platform.person()
    conversation = someone.open(companion)["id"]
    media_platform.decide("image", ["beach"])
    first = say(someone, conversation, "Where are you today?")
    body = {"client_id": str(uuid.uuid4()), "permit_id": someone.permit()["permit_id"]}
    reply_id = someone.call("POST", f"/v1/conversations/{conversation}/regenerate", body)["reply_id"]
    second = eventually(lambda: messages(someone, conversation, after_seq=first["seq"]), within=60)[0]
    assert (second["id"], second["kind"], second["reply_to"]) == (reply_id, "image", first["reply_to"])
    superseded = messages(someone, conversation)[1]
    assert (superseded["id"], superseded["superseded"], superseded["media"]) == (first["id"], True, first["media"])
    shown = [first["media"]["key"], second["media"]["key"]]
    assert shown[0] != shown[1]
    assert someone.sign(shown)["denied"] == []
    left = someone.open(companion)["free_remaining"]
    assert (left["text"], left["media"]) == (8, 0)


def test_a_premium_user_spends_no_media(media_platform: MediaPlatform, companion: str) -> None:
    someone = media_platform.person()
    conversation = someone.open(companion)["id"]
    media_platform.premium(someone)
    media_platform.decide("image", ["coffee"])
    for _ in range(3):
        assert say(someone, conversation, "A photo, please")["kind"] == "image"
    thread = someone.open(companion)
    assert (thread["premium_active"], thread["free_remaining"]["media"]) == (True, 2)


def test_what_is_mature_comes_only_to_those_who_asked_for_it(media_platform: MediaPlatform, companion: str) -> None:
    shy, bold = media_platform.person(), media_platform.person()
    bold.call("PATCH", "/v1/me", {"mature_opt_in": True})
    media_platform.decide("image", ["candles"])
    texts = {}
    for someone in (shy, bold):
        conversation = someone.open(companion)["id"]
        reply = say(someone, conversation, "What are you doing tonight?")
        assert reply["kind"] == "image"
        texts[someone.user["id"]] = reply["text"]
    assert texts[bold.user["id"]] == "By candle light"
    assert texts[shy.user["id"]] != "By candle light"


def test_without_an_asset_of_the_kind_the_reply_is_words_and_costs_nothing(
    media_platform: MediaPlatform, companion: str
) -> None:
    someone = media_platform.person()
    conversation = someone.open(companion)["id"]
    media_platform.decide("video", ["beach"])
    reply = say(someone, conversation, "A video?")
    assert (reply["kind"], reply["media"]) == ("text", None)
    assert "Premium" not in reply["text"]
    assert free_media(someone, companion) == 2


def test_the_terminal_sends_a_picture_and_shows_what_came(media_platform: MediaPlatform, companion: str) -> None:
    someone = media_platform.person()
    name = next(one["name"] for one in someone.call("GET", "/v1/companions")["items"] if one["id"] == companion)
    picture = media_platform.host.folder / "my cat.jpg"
    picture.write_bytes(plain((90, 140, 90)))
    media_platform.decide("image", ["beach"])
    demo = ("chat", "--url", media_platform.host.url, "--companion", name)
    talked = media_platform.host.command(*demo, input=f"/photo {picture} My cat\n/photo nowhere.jpg\n/quit\n")
    assert talked.returncode == 0, talked.stderr
    assert f"{name}: [Image] Me at the beach, looking at the waves" in talked.stdout
    assert "there is no such file" in talked.stdout
    again = media_platform.host.command(*demo, input="/quit\n")
    assert "You: [Image] My cat" in again.stdout
