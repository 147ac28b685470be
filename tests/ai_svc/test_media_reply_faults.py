"""Replies with media end the same whatever dies, is away or refuses meanwhile; nothing stays picked or spent (AI-4)."""

from typing import Any

import pytest

from ai_svc.domain.conversation import Decision
from chassis.contracts.chat import AIReplyRequested
from chassis.errors import Conflict, DomainError, Invalid, NotFound, Unavailable
from chassis.testing import Harness, eventually
from tests.ai_svc.asking import jobs, let_time_pass, work, work_at_once
from tests.ai_svc.media_asking import BEACH, sent
from tests.ai_svc.neighbours import ChatStandIn, GatewayStandIn, MediaStandIn, QuotaStandIn
from tests.ai_svc.scripted import Killed, ScriptedEngine, die

MEDIA_STEPS = [(when, step) for step in ("standing", "pick", "spend", "reply") for when in ("before", "after")]


def moments(
    step: str, chat: ChatStandIn, quota: QuotaStandIn, gateway: GatewayStandIn, media: MediaStandIn
) -> ChatStandIn | QuotaStandIn | GatewayStandIn | MediaStandIn:
    """The neighbour that takes part in a step."""
    return next(one for one in (chat, quota, gateway, media) if step in one.calls)


@pytest.mark.parametrize(("when", "step"), MEDIA_STEPS)
def test_a_kill_at_any_step_still_sends_the_same_picture_for_one_decrement(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    gateway: GatewayStandIn,
    media: MediaStandIn,
    engine: ScriptedEngine,
    asset: dict[str, Any],
    event: AIReplyRequested,
    when: str,
    step: str,
) -> None:
    media.add("image", "Another one")
    engine.script.append(Decision("text", "A second decision."))
    getattr(moments(step, chat, quota, gateway, media), when)[step] = die
    ai.deliver(event)
    with pytest.raises(Killed):
        ai.run_loop("replies")
    assert work(ai) == 0, "the lease of the dead one protects the job"
    let_time_pass(ai)
    work(ai)
    assert chat.replies == {str(event.reply_id): sent(event, asset)}
    assert (quota.spends, quota.media_left) == ({str(event.reply_id): "media"}, 1)
    assert len(engine.asked) == 1
    assert {job["state"] for job in jobs(ai)} == {"done"}


WORD_STEPS = [
    (when, step, lack)
    for lack in ("no-quota", "no-asset")
    for step in ("standing", "pick", "spend", "give_back", "drop", "reply")
    for when in ("before", "after")
    if (lack, step) != ("no-asset", "spend")  # nothing is spent where there is no asset
]


@pytest.mark.parametrize(("when", "step", "lack"), WORD_STEPS)
def test_a_kill_at_any_step_still_gives_the_same_words_and_leaves_nothing_picked_or_spent(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    gateway: GatewayStandIn,
    media: MediaStandIn,
    engine: ScriptedEngine,
    event: AIReplyRequested,
    when: str,
    step: str,
    lack: str,
) -> None:
    if lack == "no-quota":
        media.add("image")
        quota.media_left = 0
    getattr(moments(step, chat, quota, gateway, media), when)[step] = die
    ai.deliver(event)
    with pytest.raises(Killed):
        ai.run_loop("replies")
    let_time_pass(ai)
    if step in ("give_back", "drop", "reply"):
        # What came in the meantime changes nothing: the words are committed.
        media.add("image")
        quota.media_left = 7
    work(ai)
    (reply,) = chat.replies.values()
    assert reply["kind"] == "text"
    assert reply["text"].startswith(BEACH.text)
    assert ("Premium" in reply["text"]) is (lack == "no-quota")
    assert media.picks == {str(event.reply_id): None}
    assert quota.spends == {str(event.reply_id): "returned"}
    assert quota.media_left in (0, 2, 7)
    assert len(engine.asked) == 1
    assert {job["state"] for job in jobs(ai)} == {"done"}


@pytest.mark.parametrize("refusal", [Conflict(code="reply-settled"), NotFound()])
@pytest.mark.parametrize("kill", [None, "give_back", "drop"])
def test_a_picture_that_nobody_waits_for_is_taken_back(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    media: MediaStandIn,
    asset: dict[str, Any],
    event: AIReplyRequested,
    refusal: DomainError,
    kill: str | None,
) -> None:
    chat.refusals["reply"] = refusal
    ai.deliver(event)
    if kill is not None:
        (quota if kill == "give_back" else media).after[kill] = die
        with pytest.raises(Killed):
            ai.run_loop("replies")
        let_time_pass(ai)
    work(ai)
    assert (quota.spends, quota.media_left) == ({str(event.reply_id): "returned"}, 2)
    assert media.picks == {str(event.reply_id): None}
    assert [job["state"] for job in jobs(ai)] == ["failed"]
    assert not chat.failures


@pytest.mark.parametrize("kill", [None, "give_back", "drop", "reverse", "failure"])
def test_a_picture_that_chat_svc_refuses_ends_in_a_failure_with_everything_returned(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    media: MediaStandIn,
    asset: dict[str, Any],
    event: AIReplyRequested,
    kill: str | None,
) -> None:
    chat.refusals["reply"] = Invalid()
    ai.deliver(event)
    if kill is not None:
        next(one for one in (quota, media, chat) if kill in one.calls).after[kill] = die
        with pytest.raises(Killed):
            ai.run_loop("replies")
        chat.refusals.clear()
        let_time_pass(ai)
    work(ai)
    assert list(chat.failures) == [str(event.reply_id)]
    assert quota.reversed == {(str(event.admission_id), 1)}
    assert (quota.spends, quota.media_left) == ({str(event.reply_id): "returned"}, 2)
    assert media.picks == {str(event.reply_id): None}
    assert not chat.replies


@pytest.mark.parametrize("step", ["standing", "pick", "spend", "reply"])
def test_a_neighbour_that_is_away_only_puts_the_picture_off(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    gateway: GatewayStandIn,
    media: MediaStandIn,
    engine: ScriptedEngine,
    asset: dict[str, Any],
    event: AIReplyRequested,
    step: str,
) -> None:
    neighbour = moments(step, chat, quota, gateway, media)
    neighbour.refusals[step] = Unavailable()
    ai.deliver(event)
    for waits in range(1, 4):
        ai.run_loop("replies")
        (job,) = jobs(ai)
        assert (job["state"], job["waits"], job["outcome"]) == ("open", waits, "reply")
        let_time_pass(ai)
    assert not chat.replies
    neighbour.refusals.clear()
    eventually(lambda: work_at_once(ai) and len(chat.replies) == 1)
    assert chat.replies == {str(event.reply_id): sent(event, asset)}
    assert quota.media_left == 1
    assert len(engine.asked) == 1
    assert not chat.failures


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_picture_that_was_paid_for_is_only_sent_again(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    gateway: GatewayStandIn,
    media: MediaStandIn,
    asset: dict[str, Any],
    event: AIReplyRequested,
    when: str,
) -> None:
    getattr(chat, when)["reply"] = die
    ai.deliver(event)
    with pytest.raises(Killed):
        ai.run_loop("replies")
    for neighbour, step in ((gateway, "standing"), (media, "pick"), (quota, "spend")):
        neighbour.refusals[step] = Invalid()
    let_time_pass(ai)
    work(ai)
    assert chat.replies == {str(event.reply_id): sent(event, asset)}
    assert (media.seen, quota.seen, quota.media_left) == (["pick"], ["spend"], 1)


def test_when_choosing_ends_in_a_defect_every_time_the_reply_goes_in_words(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, media: MediaStandIn, event: AIReplyRequested
) -> None:
    media.assets["image"].append({"asset_id": "nothing else"})
    ai.deliver(event)
    for _ in range(5):
        assert ai.run_loop("replies") is False
        assert not chat.replies
        let_time_pass(ai)
    work(ai)
    (reply,) = chat.replies.values()
    assert (reply["kind"], reply["text"]) == ("text", BEACH.text)
    assert (quota.spends, media.picks) == ({str(event.reply_id): "returned"}, {str(event.reply_id): None})
    assert [job["state"] for job in jobs(ai)] == ["done"]


@pytest.mark.parametrize("step", ["give_back", "drop"])
def test_while_something_can_not_be_taken_back_the_words_wait(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, media: MediaStandIn, event: AIReplyRequested, step: str
) -> None:
    neighbour = quota if step == "give_back" else media
    neighbour.refusals[step] = Unavailable()
    ai.deliver(event)
    ai.run_loop("replies")
    assert [job["state"] for job in jobs(ai)] == ["open"]
    assert not chat.replies
    neighbour.refusals.clear()
    eventually(lambda: work_at_once(ai) and len(chat.replies) == 1)
    assert quota.spends == {str(event.reply_id): "returned"}


@pytest.mark.parametrize("step", ["standing", "pick", "spend"])
def test_a_refusal_that_means_a_defect_gives_words_without_a_hint_and_spends_nothing(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    gateway: GatewayStandIn,
    media: MediaStandIn,
    asset: dict[str, Any],
    event: AIReplyRequested,
    step: str,
) -> None:
    moments(step, chat, quota, gateway, media).refusals[step] = Invalid()
    ai.deliver(event)
    work(ai)
    (reply,) = chat.replies.values()
    assert (reply["kind"], reply["text"]) == ("text", BEACH.text)
    assert quota.media_left == 2
    assert media.picks[str(event.reply_id)] is None


@pytest.mark.parametrize("step", ["pick", "spend"])
def test_who_lost_the_lease_while_choosing_sends_nothing(
    ai: Harness,
    chat: ChatStandIn,
    quota: QuotaStandIn,
    media: MediaStandIn,
    asset: dict[str, Any],
    event: AIReplyRequested,
    step: str,
) -> None:
    def overtaken() -> None:
        let_time_pass(ai)
        assert ai.run_loop("replies")

    (media if step == "pick" else quota).after[step] = overtaken
    ai.deliver(event)
    ai.run_loop("replies")
    assert chat.replies == {str(event.reply_id): sent(event, asset)}
    assert chat.seen.count("reply") == 1
    assert (quota.media_left, [job["state"] for job in jobs(ai)]) == (1, ["done"])
