"""Replies that can't be made: one recorded failure, everything returned, nothing lost (CHAT-8, invariant 13)."""

import pytest

from ai_svc.ports import NoAnswer
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from chassis.ids import uuid7
from chassis.testing import Harness, eventually
from tests.ai_svc.asking import another, companion, due_in, jobs, let_time_pass, request, work, work_at_once
from tests.ai_svc.neighbours import ChatStandIn, QuotaStandIn
from tests.ai_svc.scripted import Killed, ScriptedEngine, die


@pytest.mark.parametrize(
    ("when", "step"), [("before", "reverse"), ("after", "reverse"), ("before", "failure"), ("after", "failure")]
)
def test_a_kill_at_any_step_of_a_failure_still_gives_one_failure_and_one_return(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, engine: ScriptedEngine, when: str, step: str
) -> None:
    event = request(companion(ai), generation=3)
    ai.deliver(event)
    engine.script = [NoAnswer()]
    getattr(quota if step == "reverse" else chat, when)[step] = die
    with pytest.raises(Killed):
        ai.run_loop("replies")
    let_time_pass(ai)
    work(ai)
    assert chat.failures == {str(event.reply_id): {"message_ids": [str(event.message_ids[0])]}}
    assert quota.reversed == {(str(event.admission_id), 3)}
    assert not chat.replies
    assert len(engine.asked) == 1
    assert [job["state"] for job in jobs(ai)] == ["failed"]


def test_when_no_model_answers_the_quota_is_returned_before_the_failure_is_told(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, engine: ScriptedEngine
) -> None:
    first = request(companion(ai))
    second = another(first, generation=2)
    order: list[str] = []
    quota.before["reverse"] = lambda: order.append("returned")
    chat.before["failure"] = lambda: order.append("told")
    engine.script = [NoAnswer()]
    ai.deliver(first)
    ai.deliver(second)
    work(ai)
    assert order == ["returned", "told"]
    assert quota.reversed == {(str(first.admission_id), 1), (str(second.admission_id), 2)}
    both = [str(first.message_ids[0]), str(second.message_ids[0])]
    assert chat.failures == {str(first.reply_id): {"message_ids": both}}


def test_a_regeneration_after_a_failure_is_a_reply_of_its_own(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine
) -> None:
    event = request(companion(ai))
    engine.script = [NoAnswer()]
    ai.deliver(event)
    work(ai)
    again = another(
        event, request_id=uuid7(), reply_id=uuid7(), message_ids=event.message_ids, generation=2, regenerate=True
    )
    ai.deliver(again)
    work(ai)
    assert list(chat.failures) == [str(event.reply_id)]
    assert chat.replies[str(again.reply_id)]["message_ids"] == [str(event.message_ids[0])]
    assert engine.asked[-1][2] == again.reply_id


def test_while_quota_svc_is_away_the_failure_waits_with_its_return(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, engine: ScriptedEngine
) -> None:
    ai.deliver(request(companion(ai)))
    engine.script = [NoAnswer()]
    quota.refusals["reverse"] = Unavailable()
    for _ in range(3):
        ai.run_loop("replies")
        let_time_pass(ai)
    assert not chat.failures
    quota.refusals.clear()
    eventually(lambda: work_at_once(ai) and len(chat.failures) == 1)
    assert len(quota.reversed) == 1
    assert len(engine.asked) == 1


def test_a_reply_whose_making_keeps_dying_fails_for_good_after_five_attempts(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, engine: ScriptedEngine
) -> None:
    ai.deliver(request(companion(ai)))
    engine.script = [Killed() for _ in range(9)]
    for _ in range(5):
        with pytest.raises(Killed):
            ai.run_loop("replies")
        let_time_pass(ai)
    assert work(ai) == 1
    assert len(engine.asked) == 5
    assert len(chat.failures) == len(quota.reversed) == 1


def test_a_defect_is_tried_again_soon_and_then_fails_for_good(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine
) -> None:
    ai.deliver(request(companion(ai)))
    engine.script = [RuntimeError("a defect") for _ in range(9)]
    for _ in range(5):
        assert ai.run_loop("replies") is False
        assert 0 < due_in(ai) <= 5
        let_time_pass(ai)
    work(ai)
    assert len(chat.failures) == 1


def test_a_reply_that_chat_svc_settled_otherwise_ends_quietly(ai: Harness, chat: ChatStandIn) -> None:
    ai.deliver(request(companion(ai)))
    chat.refusals["reply"] = Conflict(code="reply-settled")
    assert work(ai) == 1
    assert [job["state"] for job in jobs(ai)] == ["failed"]
    assert chat.seen.count("failure") == 0


def test_a_conversation_that_is_gone_ends_its_job_and_returns_its_quota(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn
) -> None:
    ai.deliver(request(companion(ai)))
    chat.refusals = {"context": NotFound(), "failure": NotFound()}
    assert work(ai) == 1
    assert [job["state"] for job in jobs(ai)] == ["failed"]
    assert len(quota.reversed) == 1


def test_a_reply_that_chat_svc_refuses_as_such_is_told_as_failed(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn
) -> None:
    event = request(companion(ai))
    ai.deliver(event)
    chat.refusals["reply"] = Invalid()
    assert work(ai) == 1
    assert list(chat.failures) == [str(event.reply_id)]
    assert len(quota.reversed) == 1


def test_a_return_that_quota_svc_refuses_does_not_keep_the_failure_from_being_told(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, engine: ScriptedEngine
) -> None:
    engine.script = [NoAnswer()]
    quota.refusals["reverse"] = Conflict()
    ai.deliver(request(companion(ai)))
    assert work(ai) == 1
    assert len(chat.failures) == 1


def test_being_forbidden_to_call_a_neighbour_is_a_fault_of_ours_and_loses_nothing(
    ai: Harness, chat: ChatStandIn
) -> None:
    ai.deliver(request(companion(ai)))
    chat.refusals["reply"] = Forbidden()
    work(ai)
    chat.refusals.clear()
    let_time_pass(ai)
    work(ai)
    assert len(chat.replies) == 1


def test_an_unknown_companion_fails_for_good(ai: Harness, chat: ChatStandIn) -> None:
    ai.deliver(request(uuid7()))
    work(ai)
    assert len(chat.failures) == 1
