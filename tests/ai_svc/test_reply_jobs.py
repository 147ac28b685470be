"""The making of replies: once each, whatever is away or dies in between (CHAT-8, invariant 13)."""

from collections.abc import Callable

import pytest

from ai_svc.domain.conversation import Decision
from ai_svc.ports import NoAnswer
from chassis.errors import Unavailable
from chassis.ids import uuid7
from chassis.testing import Harness, eventually
from tests.ai_svc.asking import another, companion, due_in, jobs, let_time_pass, request, work, work_at_once
from tests.ai_svc.neighbours import ChatStandIn, QuotaStandIn
from tests.ai_svc.scripted import Killed, ScriptedEngine, SignalRecorder, die


def test_a_requested_reply_is_made_and_delivered_under_its_id(
    ai: Harness, chat: ChatStandIn, quota: QuotaStandIn, engine: ScriptedEngine
) -> None:
    event = request(companion(ai))
    ai.deliver(event)
    assert work(ai) == 1
    assert chat.replies == {
        str(event.reply_id): {
            "message_ids": [str(event.message_ids[0])],
            "kind": "text",
            "text": "Hello from Mira.",
            "engine": "offline",
            "media": None,
        }
    }
    assert not chat.failures
    assert not quota.seen
    ((persona, messages, reply_id),) = engine.asked
    assert (persona.name, persona.age, persona.persona_prompt) == ("Mira", 27, "You are Mira.")
    assert [(one.sender, one.kind, one.text) for one in messages] == [("user", "text", "Hi there!")]
    assert reply_id == event.reply_id
    (job,) = jobs(ai)
    assert (job["state"], job["outcome"], job["text"]) == ("done", "reply", None)


def test_messages_that_came_before_the_reply_began_are_answered_together(ai: Harness, chat: ChatStandIn) -> None:
    first = request(companion(ai))
    second = another(first)
    ai.deliver(first)
    ai.deliver(second)
    assert work(ai) == 1
    assert list(chat.replies) == [str(first.reply_id)]
    assert chat.replies[str(first.reply_id)]["message_ids"] == [str(first.message_ids[0]), str(second.message_ids[0])]


def test_a_message_that_comes_while_the_model_writes_gets_the_next_reply(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine
) -> None:
    first = request(companion(ai))
    second, third = another(first), another(first)

    def interrupted(_begin: Callable[[], None], _show: Callable[[str], None]) -> Decision:
        ai.deliver(second)
        ai.deliver(third)
        assert [job["state"] for job in jobs(ai)] == ["open"]
        return Decision("text", "To the first.")

    engine.script = [interrupted, Decision("text", "To the others.")]
    ai.deliver(first)
    assert work(ai) == 2
    assert chat.replies[str(first.reply_id)]["message_ids"] == [str(first.message_ids[0])]
    assert chat.replies[str(second.reply_id)]["message_ids"] == [str(second.message_ids[0]), str(third.message_ids[0])]
    assert [job["state"] for job in jobs(ai)] == ["done", "done"]


def test_conversations_do_not_wait_for_each_other(ai: Harness, chat: ChatStandIn) -> None:
    her = companion(ai)
    for event in (request(her), request(her)):
        ai.deliver(event)
    assert work(ai) == 2
    assert len(chat.replies) == 2


def test_a_decision_for_a_voice_note_becomes_its_text_or_a_friendly_line(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine
) -> None:
    her = companion(ai)
    engine.label = "model"
    engine.script = [Decision("voice", "Me at the sea."), Decision("voice", " ")]
    for event in (request(her), request(her)):
        ai.deliver(event)
    work(ai)
    first, second = (reply["text"] for reply in chat.replies.values())
    assert first == "Me at the sea."
    assert len(second) > 20


def test_the_client_sees_the_reply_start_and_its_text_grow(
    ai: Harness, engine: ScriptedEngine, signals: SignalRecorder, chat: ChatStandIn
) -> None:
    def streamed(begin: Callable[[], None], show: Callable[[str], None]) -> Decision:
        for piece in ("Hello ", "you"):
            show(piece)
        begin()
        for piece in ("Hi ", "there, ", "dear."):
            show(piece)
        return Decision("text", "Hi there, dear.")

    engine.script = [streamed]
    event = request(companion(ai))
    ai.deliver(event)
    work(ai)
    start = ["reply.started", "reply.progress"]
    assert signals.events() == [*start, *["reply.delta"] * 2, *start, *["reply.delta"] * 3]
    assert {signal["user_id"] for signal in signals.sent} == {str(event.user_id)}
    ids = {"conversation_id": str(event.conversation_id), "reply_id": str(event.reply_id)}
    assert signals.sent[0]["data"] == ids
    assert signals.sent[1]["data"] == {**ids, "stage": "typing"}
    assert [delta["index"] for delta in signals.deltas()] == [0, 1, 2]
    assert "".join(delta["text"] for delta in signals.deltas()) == chat.replies[str(event.reply_id)]["text"]


def test_without_any_message_left_the_companion_says_a_warm_line_unasked(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine
) -> None:
    chat.messages = []
    ai.deliver(request(companion(ai)))
    work(ai)
    (reply,) = chat.replies.values()
    assert len(reply["text"]) > 10
    assert not engine.asked


STEPS: list[tuple[str, str]] = [
    ("before", "context"),
    ("after", "context"),
    ("before", "engine"),
    ("before", "reply"),
    ("after", "reply"),
]


@pytest.mark.parametrize(("when", "step"), STEPS)
def test_a_kill_at_any_step_still_gives_exactly_one_reply(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine, when: str, step: str
) -> None:
    event = request(companion(ai))
    ai.deliver(event)
    engine.script = [Decision("text", "The first decision."), Decision("text", "A second decision.")]
    if step == "engine":
        engine.script.insert(0, Killed())
    else:
        getattr(chat, when)[step] = die
    with pytest.raises(Killed):
        ai.run_loop("replies")
    assert work(ai) == 0, "the lease of the dead one protects the job"
    later = another(event)
    ai.deliver(later)
    let_time_pass(ai)
    work(ai)
    reply = chat.replies[str(event.reply_id)]
    assert reply["text"] == "The first decision."
    answered = [message_id for one in chat.replies.values() for message_id in one["message_ids"]]
    assert sorted(answered) == sorted(str(one.message_ids[0]) for one in (event, later))
    assert not chat.failures
    assert {job["state"] for job in jobs(ai)} == {"done"}


@pytest.mark.parametrize("step", ["context", "reply"])
def test_while_chat_svc_is_away_the_job_waits_longer_and_longer_and_is_never_lost(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine, step: str
) -> None:
    ai.deliver(request(companion(ai)))
    chat.refusals[step] = Unavailable()
    for waits in range(1, 9):
        ai.run_loop("replies")
        (job,) = jobs(ai)
        assert (job["state"], job["waits"], job["attempts"]) == ("open", waits, 0)
        assert 0 < due_in(ai) <= 5
        let_time_pass(ai)
    chat.refusals.clear()
    eventually(lambda: work_at_once(ai) and len(chat.replies) == 1)
    assert len(engine.asked) == 1, "a committed decision is never asked for again"
    assert not chat.failures


def test_who_lost_the_lease_decides_nothing_and_delivers_nothing(
    ai: Harness, chat: ChatStandIn, engine: ScriptedEngine
) -> None:
    event = request(companion(ai))

    def overtaken(_begin: Callable[[], None], _show: Callable[[str], None]) -> Decision:
        let_time_pass(ai)
        assert ai.run_loop("replies")
        return Decision("text", "Too late.")

    engine.script = [overtaken, Decision("text", "In time.")]
    ai.deliver(event)
    ai.run_loop("replies")
    assert [reply["text"] for reply in chat.replies.values()] == ["In time."]
    assert [job["state"] for job in jobs(ai)] == ["done"]
    assert chat.seen.count("reply") == 1


def test_a_deactivated_companion_still_answers_what_was_asked_before(ai: Harness, chat: ChatStandIn) -> None:
    her = companion(ai)
    ai.deliver(request(her))
    ai.user(uuid7(), "admin")("PATCH", f"/v1/admin/companions/{her}", {"is_active": False})
    work(ai)
    assert len(chat.replies) == 1


def test_the_metrics_tell_replies_by_engine_and_outcome_and_how_many_wait(
    ai: Harness, engine: ScriptedEngine, chat: ChatStandIn
) -> None:
    her = companion(ai)
    engine.script = [Decision("text", "Hi."), NoAnswer()]
    ai.deliver(request(her))
    work(ai)
    ai.deliver(request(her))
    work(ai)
    ai.deliver(request(her))
    text = ai.stranger().get("/metrics").get_data(as_text=True)
    assert 'duet_replies_total{engine="offline",outcome="delivered"} 1.0' in text
    assert 'duet_replies_total{engine="offline",outcome="failed"} 1.0' in text
    assert 'duet_reply_seconds_count{engine="offline"} 1.0' in text
    assert "duet_reply_jobs_open 1.0" in text


def test_long_finished_jobs_are_forgotten_with_their_requests(ai: Harness, chat: ChatStandIn) -> None:
    her = companion(ai)
    for event in (request(her), request(her)):
        ai.deliver(event)
        work(ai)
    with ai.service.database.transaction():
        ai.service.database.execute(
            "UPDATE reply_jobs SET finished_at = now() - interval '40 days'"
            " WHERE id = (SELECT id FROM reply_jobs ORDER BY created_at LIMIT 1)"
        )
    ai.deliver(request(her))
    ai.run_loop("prune-replies")
    assert [job["state"] for job in jobs(ai)] == ["done", "open"]
    with ai.service.database.reading():
        assert ai.service.database.row("SELECT count(*) FROM reply_requests") == (2,)
