"""Replies with media: an asset, paid for once, or words instead (AI-4, QUOTA-1, QUOTA-2)."""

from typing import Any

import pytest

from ai_svc.domain.conversation import Decision, Kind
from ai_svc.domain.replies import EngineLabel
from chassis.contracts.chat import AIReplyRequested
from chassis.testing import Harness
from tests.ai_svc.asking import another, companion, jobs, let_time_pass, request, work
from tests.ai_svc.media_asking import BEACH, sent
from tests.ai_svc.neighbours import ChatStandIn, GatewayStandIn, MediaStandIn, QuotaStandIn
from tests.ai_svc.scripted import ScriptedEngine, SignalRecorder


def test_a_picture_is_picked_paid_for_and_sent(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    media: MediaStandIn,
    asset: dict[str, Any],
    event: AIReplyRequested,
) -> None:
    ai.deliver(event)
    assert work(ai) == 1
    reply_id = str(event.reply_id)
    assert chat.replies == {reply_id: sent(event, asset)}
    assert media.asked == {
        reply_id: {
            "conversation_id": str(event.conversation_id),
            "user_id": str(event.user_id),
            "companion_id": str(event.companion_id),
            "kind": "image",
            "tags": ["beach", "sea"],
            "mature": False,
        }
    }
    assert (quota.spends, quota.media_left) == ({reply_id: "media"}, 1)
    assert (media.seen, quota.seen) == (["pick"], ["spend"])
    (job,) = jobs(ai)
    assert (job["state"], job["outcome"], job["text"]) == ("done", "reply", None)


def test_a_video_is_sent_as_one(
    ai: Harness, chat: ChatStandIn, media: MediaStandIn, engine: ScriptedEngine, event: AIReplyRequested
) -> None:
    engine.script = [Decision("video", "Watch me.", ())]
    media.add("image")
    clip = media.add("video")
    ai.deliver(event)
    work(ai)
    (reply,) = chat.replies.values()
    assert (reply["kind"], reply["text"], reply["media"]["asset_id"]) == ("video", "Watch me.", clip["asset_id"])


def test_the_client_sees_what_is_being_chosen(
    ai: Harness, signals: SignalRecorder, asset: dict[str, Any], event: AIReplyRequested
) -> None:
    ai.deliver(event)
    work(ai)
    assert signals.events() == ["reply.started", "reply.progress", "reply.progress"]
    assert [signal["data"].get("stage") for signal in signals.sent] == [None, "typing", "choosing_image"]
    assert signals.deltas() == []


@pytest.mark.parametrize("opted_in", [True, False])
def test_mature_assets_are_asked_for_only_for_who_opted_in(
    ai: Harness, gateway: GatewayStandIn, media: MediaStandIn, event: AIReplyRequested, opted_in: bool
) -> None:
    if opted_in:
        gateway.opted_in.add(str(event.user_id))
    ai.deliver(event)
    work(ai)
    assert media.asked[str(event.reply_id)]["mature"] is opted_in


@pytest.mark.parametrize(
    ("said", "own", "caption"),
    [
        ("Me at the beach.", "Beach at noon", "Me at the beach."),
        ("", "Beach at noon", "Beach at noon"),
        (" ", "", None),
        ("", " ", None),
        ("", "See https://x.example/y and smile", "See and smile"),
    ],
)
def test_the_caption_is_the_models_else_the_assets_else_none(
    ai: Harness,
    chat: ChatStandIn,
    media: MediaStandIn,
    engine: ScriptedEngine,
    event: AIReplyRequested,
    said: str,
    own: str,
    caption: str | None,
) -> None:
    engine.script = [Decision("image", said)]
    media.add("image", own)
    ai.deliver(event)
    work(ai)
    (reply,) = chat.replies.values()
    assert (reply["kind"], reply["text"]) == ("image", caption)


@pytest.mark.parametrize("kind", ["image", "video"])
def test_without_an_asset_the_models_words_or_a_friendly_line_are_sent_and_nothing_is_spent(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, engine: ScriptedEngine, event: AIReplyRequested, kind: Kind
) -> None:
    engine.script = [Decision(kind, "Me at the sea."), Decision(kind, " ")]
    ai.deliver(event)
    ai.deliver(request(event.companion_id))
    work(ai)
    first, second = chat.replies.values()
    assert (first["kind"], first["text"], first["media"]) == ("text", "Me at the sea.", None)
    assert (second["kind"], second["media"]) == ("text", None)
    assert len(second["text"]) > 20
    assert quota.media_left == 2
    assert "spend" not in quota.seen


@pytest.mark.parametrize(("kind", "named"), [("image", "photo"), ("video", "video")])
@pytest.mark.parametrize(
    ("engine_label", "text", "begins"),
    [("model", "Me at the sea.", "Me at the sea. "), ("model", "", ""), ("offline", "Do you like what you see?", "")],
)
def test_without_quota_the_reply_is_words_and_a_hint_that_names_the_kind(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    media: MediaStandIn,
    engine: ScriptedEngine,
    kind: Kind,
    named: str,
    engine_label: EngineLabel,
    text: str,
    begins: str,
) -> None:
    quota.media_left = 0
    engine.label = engine_label
    engine.script = [Decision(kind, text)]
    media.add(kind)
    event = request(companion(ai))
    ai.deliver(event)
    assert work(ai) == 1
    reply = chat.replies[str(event.reply_id)]
    assert (reply["kind"], reply["media"]) == ("text", None)
    assert reply["text"].startswith(begins)
    hint = reply["text"][len(begins) :]
    assert "Premium" in hint
    assert named in hint
    assert "Do you like what you see?" not in hint
    assert quota.media_left == 0
    assert media.picks == {str(event.reply_id): None}, "the grant went with the pick"
    assert not chat.failures


def test_a_caption_of_the_offline_engine_is_not_shown_without_its_media(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine
) -> None:
    engine.script = [Decision("image", "Do you like what you see?")]
    ai.deliver(request(companion(ai)))
    work(ai)
    (reply,) = chat.replies.values()
    assert "Do you like what you see?" not in reply["text"]
    assert len(reply["text"]) > 20


def test_two_free_pictures_then_words_and_premium_is_never_decremented(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, media: MediaStandIn, event: AIReplyRequested,
    engine: ScriptedEngine,
) -> None:  # fmt: skip
    engine.script = [BEACH] * 6
    for _ in range(6):
        media.add("image")
    left = []
    for turn in range(6):
        if turn == 3:
            quota.media_left = None
        ai.deliver(event if turn == 0 else another(event))
        work(ai)
        left.append(quota.media_left)
    assert left == [1, 0, 0, None, None, None]
    assert [reply["kind"] for reply in chat.replies.values()] == ["image"] * 2 + ["text"] + ["image"] * 3


def test_twenty_redeliveries_of_one_request_give_one_message_and_one_decrement(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    media: MediaStandIn,
    asset: dict[str, Any],
    event: AIReplyRequested,
) -> None:
    for _ in range(20):
        ai.deliver(event, times=2)
        let_time_pass(ai)
        work(ai)
    assert chat.replies == {str(event.reply_id): sent(event, asset)}
    assert quota.media_left == 1
    assert (chat.seen.count("reply"), media.seen, quota.seen) == (1, ["pick"], ["spend"])


def test_the_offline_companion_sends_the_picture_that_was_asked_for(
    ai_offline: Harness, chat: ChatStandIn, media: MediaStandIn
) -> None:
    chat.messages = [{"sender": "user", "kind": "text", "text": "Can you send me a photo of you at the beach?"}]
    chosen = media.add("image", "Beach at noon")
    event = request(companion(ai_offline))
    ai_offline.deliver(event)
    work(ai_offline)
    reply = chat.replies[str(event.reply_id)]
    assert (reply["kind"], reply["engine"]) == ("image", "offline")
    assert reply["media"]["asset_id"] == chosen["asset_id"]
    assert reply["text"]
    assert media.asked[str(event.reply_id)]["tags"] == ["beach"]


def test_the_metrics_tell_what_was_found_for_wanted_media(
    ai: Harness, asset: dict[str, Any], event: AIReplyRequested, engine: ScriptedEngine
) -> None:
    engine.script = [BEACH, BEACH]
    for one in (event, another(event)):
        ai.deliver(one)
        work(ai)
    text = ai.stranger().get("/metrics").get_data(as_text=True)
    assert 'duet_reply_media_total{found="chosen",kind="image"} 1.0' in text
    assert 'duet_reply_media_total{found="no-asset",kind="image"} 1.0' in text
