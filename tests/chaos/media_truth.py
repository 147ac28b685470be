"""What has to be true of media after any faults: the journals of the clients and what the services hold, against each
other (guarantees 7, 9, 10, 11, 12, 14, 16, 17, 20)."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from chassis.testing import eventually
from deploy.processes import Processes
from tests.chaos.media_talking import MediaTalker
from tests.chaos.talking import FREE_TEXTS, OUTCOME_WITHIN_S, REPLY_WITHIN_S, SETTLED_WITHIN_S, Truth, patiently
from tests.platform.media_kit import keys_of

FREE_MEDIA = 2


def compare_media(talkers: Sequence[MediaTalker], platform: Processes, truth: Truth) -> None:
    """Let everything come to rest, then hold the journals and the services against each other."""
    for talker in talkers:
        eventually(talker.settled, within=REPLY_WITHIN_S)
    eventually(truth.drained, within=SETTLED_WITHIN_S)
    at_rest = {
        "media-svc": "SELECT count(*) FROM processing_jobs WHERE state = 'open'",
        "chat-svc": "SELECT count(*) FROM sends WHERE state NOT IN ('messaged', 'refused')",
    }
    for service, open_work in at_rest.items():
        eventually(partial(truth.value, service, open_work), until=lambda count: count == 0, within=SETTLED_WITHIN_S)
    truth.settle_now(platform)
    for talker in talkers:
        _compare_journal(talker)
    eventually(lambda: _claims(truth), until=lambda found: found[0] == found[1], within=SETTLED_WITHIN_S)
    eventually(lambda: _picks(truth), until=lambda found: found[0] == found[1], within=SETTLED_WITHIN_S)
    _compare_spends(talkers, truth)
    assert truth.quota_faults() == []
    assert truth.dead() == {}


def _compare_journal(talker: MediaTalker) -> None:
    items = talker.messages()
    assert [m["seq"] for m in items] == list(range(1, len(items) + 1)), "the sequence has gaps"
    mine = {m["client_id"]: m for m in items if m["sender"] == "user"}
    assert len(mine) == sum(m["sender"] == "user" for m in items), "a doubled message"
    assert set(talker.acknowledged) <= set(mine), "a lost message"
    assert not set(talker.refused) & set(mine), "a refused message that is there"
    assert set(mine) <= set(talker.acknowledged) | talker.unknown
    assert {m["id"] for m in talker.acknowledged.values()} <= {m["id"] for m in mine.values()}
    pictures = [client_id for client_id, m in mine.items() if m["kind"] == "image"]
    assert set(pictures) <= set(talker.sent)
    used = [talker.sent[client_id] for client_id in pictures]
    assert len(used) == len(set(used)), "one upload in two messages"
    assert {talker.uploads[upload_id] for upload_id in used} <= {"completed"}, "sent, but not let through"
    assert not set(used) & talker.deleted, "sent and deleted"
    shown = [m for m in items if m["kind"] == "image"]
    assert all(m["media"] is not None for m in shown), "a picture that is not shown"
    answered = sorted(i for m in items if m["sender"] == "ai" and not m["superseded"] for i in m["reply_to"])
    failed = [m["id"] for m in mine.values() if m["reply_status"] == "failed"]
    assert sorted([*answered, *failed]) == sorted(m["id"] for m in mine.values()), "not exactly one reply or failure"
    until = time.monotonic() + OUTCOME_WITHIN_S
    path = f"/v1/conversations/{talker.conversation_id}"
    left = patiently(lambda: talker.client.call("GET", path), until=until)["free_remaining"]
    texts = [m for m in mine.values() if m["kind"] == "text" and m["id"] not in failed]
    brought = [m for m in shown if m["sender"] == "ai"]
    if talker.premium:
        assert (left["text"], left["media"]) == (FREE_TEXTS, FREE_MEDIA), "premium that pays"
    else:
        assert left["text"] == FREE_TEXTS - len(texts), "a text quota that is not exact"
        assert left["media"] == FREE_MEDIA - len(brought), "a media quota that is not exact"
    signed = patiently(lambda: talker.client.sign([key for m in shown for key in keys_of(m["media"])]), until=until)
    assert signed["denied"] == [], "a picture of a message that can't be seen"
    hidden = [
        f"chat/{talker.conversation_id}/{upload_id}/{name}"
        for upload_id, status in talker.uploads.items()
        for name in ("full.jpg", "320.webp", "preview.webp")
        if status == "blocked" or upload_id in talker.deleted
    ]
    assert patiently(lambda: talker.client.sign(hidden), until=until)["urls"] == {} if hidden else True


def _claims(truth: Truth) -> tuple[Any, Any]:
    """(upload, its send, its message) as media-svc has it, and as chat-svc does."""
    claimed = truth.rows(
        "media-svc",
        "SELECT id::text, used_by::text, message_id::text FROM uploads WHERE purpose = 'chat' AND used_by IS NOT NULL",
    )
    sent = truth.rows(
        "chat-svc",
        "SELECT m.upload_id::text, s.id::text, m.id::text FROM messages m JOIN sends s USING (conversation_id,"
        " sender_id, client_id) WHERE m.upload_id IS NOT NULL AND s.state = 'messaged' AND s.upload_id = m.upload_id",
    )
    assert len(sent) == truth.value("chat-svc", "SELECT count(*) FROM messages WHERE sender_id IS NOT NULL"
                                                " AND upload_id IS NOT NULL"), "a message without its send"  # fmt: skip
    return sorted(claimed), sorted(sent)


def _picks(truth: Truth) -> tuple[Any, Any]:
    """(reply, asset) as media-svc picked and granted it, and as chat-svc wrote it."""
    picked = truth.rows(
        "media-svc",
        "SELECT p.reply_id::text, g.asset_id::text FROM picks p FULL JOIN asset_grants g USING (reply_id)"
        " WHERE p.state = 'picked' OR g.reply_id IS NOT NULL",
    )
    sent = truth.rows("chat-svc", "SELECT id::text, asset_id::text FROM messages WHERE asset_id IS NOT NULL")
    return sorted(picked), sorted(sent)


def _compare_spends(talkers: Sequence[MediaTalker], truth: Truth) -> None:
    """Guarantee 10: what was spent is what was sent, of premium users nothing."""
    spent = truth.rows("quota-svc", "SELECT id::text, user_id::text, spent FROM spends WHERE state = 'spent'")
    sent = truth.rows(
        "chat-svc",
        "SELECT m.id::text, c.user_id::text FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        " WHERE m.asset_id IS NOT NULL",
    )
    premium = {talker.client.user["id"] for talker in talkers if talker.premium}
    due = sorted((reply_id, user_id, "nothing" if user_id in premium else "media") for reply_id, user_id in sent)
    assert sorted(spent) == due, f"spent {sorted(spent)}, sent {due}"


def look_at_the_store(platform: Processes, truth: Truth) -> str:
    """Guarantees 16, 17 and 20: objects and rows match, once what was left half-done has been swept a day later."""
    viewable = "SELECT count(*) FROM objects o JOIN uploads u ON u.id = o.upload_id WHERE NOT o.evidence"
    assert truth.value("media-svc", f"{viewable} AND (u.status <> 'completed' OR u.removed_at IS NOT NULL)") == 0
    truth.value("media-svc", "UPDATE objects SET created_at = created_at - interval '25 hours'")
    _age(platform, 25 * 3600.0)
    swept = platform.command("media", "sweep", service="media-svc")
    assert "objects that are lost: 0" in swept, swept
    assert "not ours to delete: 0" in swept, swept
    verified = platform.command("media", "verify", service="media-svc")
    assert "without a counterpart yet: 0" in verified, verified
    return swept + verified


def _age(platform: Processes, seconds: float) -> None:
    for path in (platform.folder / "media").rglob("*"):
        if path.is_file():
            then = path.stat().st_mtime - seconds
            os.utime(path, (then, then))
