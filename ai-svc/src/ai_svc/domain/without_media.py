"""What is said where a reply goes without the media decided on: nothing to share, or no quota (AI-4, QUOTA-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from ai_svc.domain.conversation import Decision, Kind
from ai_svc.domain.decision import TEXT_LIMIT
from ai_svc.domain.output_rules import clean, fit, visible
from ai_svc.domain.replies import Asset, EngineLabel, Lack, Reply

_NOTHING_TO_SHARE: Mapping[Kind, Sequence[str]] = {
    "image": (
        "I'd love to show you, but I have no photo to share right now. Ask me again another day?",
        "No photo of mine is worthy of you today. Let me describe it instead: imagine me smiling at your message.",
        "You'd get one if I had one. My camera roll is empty for now, so you'll have to use your imagination.",
        "Ah, there is no picture I could send at the moment. Tell me what you'd want to see, and I'll keep it in mind.",
        "Nothing to show just yet. But I like that you asked.",
        "I can't send you a photo right now. Words will have to do, and I promise to pick good ones.",
    ),
    "video": (
        "I have no video to share right now, so you'll have to make do with my words.",
        "No video today. Picture me waving at you instead, a little badly.",
        "There is no clip I could send at the moment. Ask me again some time?",
        "I'd move for you, but I have nothing recorded yet.",
        "Nothing filmed so far. Until then you get me in writing, unedited.",
        "Not a single video to share yet. What would you want to see?",
    ),
    "voice": (
        "My voice is taking the day off, so read this slowly and imagine it.",
        "I can't send you my voice right now. Read this as if I were whispering it.",
        "No voice note today, I'm afraid. What do you think I sound like?",
        "Nothing recorded to send yet. You'll have to lend my words a voice of your own.",
        "I'd say it out loud if I could. For now, text is all I have.",
        "My microphone and I aren't on speaking terms today. Let's write.",
    ),
}
# Followed by a hint, so none of them asks or promises anything.
_KEPT_BACK: Mapping[Kind, Sequence[str]] = {
    "image": (
        "I had a photo picked out for you already.",
        "There is a picture here that I would have loved to show you.",
        "You would have liked the one I was about to send.",
        "I was going to surprise you with a photo.",
        "My favourite picture was as good as on its way to you.",
    ),
    "video": (
        "I had a video picked out for you already.",
        "There is a clip here that I would have loved to show you.",
        "You would have liked the one I was about to send.",
        "I was going to surprise you with a video.",
        "My favourite few seconds were as good as on their way to you.",
    ),
}
_HINTS: Mapping[Kind, Sequence[str]] = {
    "image": (
        "Your free photos are used up: with Premium I can send you more photos.",
        "With Premium you get that photo, and more of them: the free ones are used up.",
    ),
    "video": (
        "Your free videos are used up: with Premium I can send you more videos.",
        "With Premium you get that video, and more of them: the free ones are used up.",
    ),
}


def as_text(decision: Decision, engine: EngineLabel, reply_id: UUID) -> str:
    """The text that is sent for a decision without its media (AI-4): the model's, else a friendly line.

    What the offline engine writes to a picture is a caption, which would make no sense without it.
    """
    if decision.kind == "text" or _stands_alone(decision.text, engine):
        return decision.text
    return _one_of(_NOTHING_TO_SHARE[decision.kind], reply_id)


def in_words(reply: Reply, lack: Lack, reply_id: UUID) -> Reply:
    """The text that is sent instead of media; without quota it ends with the hint that names the kind (QUOTA-2)."""
    if lack == "no-asset":
        return Reply(as_text(Decision(reply.kind, reply.text), reply.engine, reply_id), reply.engine)
    stands = _stands_alone(reply.text, reply.engine)
    text = reply.text if stands else _one_of(_KEPT_BACK[reply.kind], reply_id)
    hint = _one_of(_HINTS[reply.kind], reply_id)
    return Reply(f"{fit(text, TEXT_LIMIT - len(hint) - 1)} {hint}", reply.engine)


def caption_of(reply: Reply, asset: Asset) -> str | None:
    """What is written under the media: the model's words, else the asset's own text (AI-4)."""
    if visible(reply.text):
        return reply.text
    own = fit(clean(asset.text), TEXT_LIMIT)
    return own if visible(own) else None


def _stands_alone(text: str, engine: EngineLabel) -> bool:
    return engine == "model" and bool(text.strip())


def _one_of(lines: Sequence[str], reply_id: UUID) -> str:
    return lines[reply_id.int % len(lines)]
