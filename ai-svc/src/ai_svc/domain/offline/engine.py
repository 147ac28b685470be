"""The offline companion: answers in persona without any model, the same for the same talk and seed (AI-1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ai_svc.domain.conversation import ContextMessage, Decision, Kind, Persona
from ai_svc.domain.offline.abroad import crisis_line, reply_abroad
from ai_svc.domain.offline.choosing import chance, filled, pick
from ai_svc.domain.offline.facts import UserFacts, user_facts
from ai_svc.domain.offline.intents import intent_of
from ai_svc.domain.offline.languages import language_of
from ai_svc.domain.offline.lines import Lines
from ai_svc.domain.offline.phrases_about_her import ABOUT_HER
from ai_svc.domain.offline.phrases_about_user import ABOUT_USER, OPINIONS
from ai_svc.domain.offline.phrases_feelings import FEELINGS
from ai_svc.domain.offline.phrases_media import CALLBACKS, CAPTIONS, MENTIONS, RECEIVED
from ai_svc.domain.offline.phrases_pieces import GAME_ASKS, GAMES, JOKE_ASKS, JOKES, LEADS, NAMING, STORIES, STORY_ASKS
from ai_svc.domain.offline.phrases_serious import SERIOUS
from ai_svc.domain.offline.phrases_social import SOCIAL
from ai_svc.domain.offline.phrases_talk import AFTERCARE, ANSWERED, GENERAL, LONG_TEXT, SAFER
from ai_svc.domain.offline.phrases_topics import TOPICS
from ai_svc.domain.offline.requests import tags_of
from ai_svc.domain.offline.slots import fact_asked_for, slots_of
from ai_svc.domain.offline.voices import Voice, lines_of, voice_of
from ai_svc.domain.offline.wording import content_words, plain
from ai_svc.domain.output_rules import clean

_LINES: Mapping[str, Lines] = {
    **SOCIAL,
    **FEELINGS,
    **SERIOUS,
    **ABOUT_HER,
    **OPINIONS,
    **TOPICS,
    **RECEIVED,
    "long_text": LONG_TEXT,
    "small_talk": GENERAL,
    "joke": Lines(JOKES, JOKE_ASKS),
    "story": Lines(STORIES, STORY_ASKS),
    "game": Lines(GAMES, GAME_ASKS),
    "self_harm_after": AFTERCARE,
    "self_harm_safer": SAFER,
}
_MEDIA: Mapping[str, Kind] = {"ask_photo": "image", "ask_video": "video", "ask_voice": "voice"}
_URGENT = ("self_harm", "underage")
_WEAK = ("nudge", "emoji", "gibberish", "greeting", "small_talk", "laugh", "surprise", "yes", "no")
_ALONE = ("self_harm", "underage", "good_night", "goodbye")
_EARNEST = (
    *_URGENT,
    "self_harm_after",
    "self_harm_safer",
    "insult",
    "explicit",
    "injection",
    "are_you_real",
    "apology",
)
_BY_INTENT_ONLY = (*_MEDIA, *_URGENT, "explicit", "insult", "injection", "other_language", "are_you_real")
_ATTEMPTS = 12
_SAFER = re.compile(
    r"\b(?:i(?:'ve| have)? (?:called|talked to|told|reached)|(?:is|are) (?:here )?with me|i'm safe|"
    r"not alone"
    r"|on (?:his|her|their) way)\b"
)
# Where an interjection, a thought of her own or something told earlier fits in.
_LOOSE = ("small_talk", "compliment", "flirt", "laugh", "yes")
_CHATTY = ("greeting", "how_are_you", "ask_doing", "thanks", "yes", "no", "laugh", "small_talk")


@dataclass(frozen=True)
class _Turn:
    """One reply in the making."""

    persona: Persona
    voice: Voice
    intent: str
    text: str
    said: tuple[str, ...]
    slots: Mapping[str, str]
    facts: UserFacts
    seed: str
    answers_her: bool


def reply(persona: Persona, messages: Sequence[ContextMessage], seed: str) -> Decision:
    """The companion's decision: text, or image, video or voice where the user asked for it."""
    said = tuple(message.text or "" for message in messages if message.sender == "ai")
    message, intent = _to_answer(messages)
    text = _words_of(message)
    if intent == "other_language":
        decision = _abroad(persona, text, said, seed, user_facts(messages).name)
        return Decision(decision.kind, clean(decision.text), decision.tags)
    if intent == "self_harm" and (crisis := crisis_line(language_of(text))) and crisis not in said:
        return Decision("text", crisis)
    facts = user_facts(messages)
    slots = slots_of(persona, text, message.description or "", facts)
    asked = bool(said) and said[-1].rstrip().endswith("?") and messages[-1].sender == "user"
    for attempt in range(_ATTEMPTS):
        mark = f"{seed}/{len(messages)}/{attempt}"
        named = (
            facts.name and chance(55, "named", persona.id, mark) and not any(facts.name in line for line in said[-2:])
        )
        turn = _Turn(
            persona,
            lines_of(voice_of(persona)),
            intent,
            text,
            said,
            {
                **slots,
                "voc": f", {facts.name}" if named else "",
                "emoji": text.strip().split(" ")[0][:6] if text.strip() else "",
            },
            facts,
            mark,
            asked,
        )
        decision = _decide(turn)
        if decision.text not in said:
            break
    return decision


def _to_answer(messages: Sequence[ContextMessage]) -> tuple[ContextMessage, str]:
    """The message to answer and its intent; of several in a row the most telling one."""
    last_of_hers = max((place for place, message in enumerate(messages) if message.sender == "ai"), default=-1)
    waiting = [message for message in messages[last_of_hers + 1 :] if message.sender == "user"][-5:]
    if not waiting:
        waiting = [message for message in messages if message.sender == "user"][-1:]
    if not waiting:
        return ContextMessage("user", "text", ""), "greeting"
    read = [(message, _intent(message)) for message in waiting]
    urgent = [pair for pair in read if pair[1] in _URGENT] or [pair for pair in read if pair[1] in _MEDIA]
    telling = urgent or [pair for pair in read if pair[1] not in _WEAK] or read
    message, intent = telling[-1]
    earlier = [_words_of(old) for old in messages if old.sender == "user"][-4:-1]
    calm = intent in _WEAK or intent.startswith(("feeling_", "topic_", "ask_"))
    if calm and any(intent_of(words) == "self_harm" for words in earlier if words):
        return message, "self_harm_safer" if _SAFER.search(plain(_words_of(message))) else "self_harm_after"
    return message, intent


def _intent(message: ContextMessage) -> str:
    words = _words_of(message)
    intent = intent_of(words) if words.strip() else "nudge"
    if message.kind in ("text", "voice") and words.strip():
        return intent
    return (
        intent
        if intent in _BY_INTENT_ONLY and words.strip()
        else f"user_{message.kind}"
        if message.kind != "text"
        else "nudge"
    )


def _words_of(message: ContextMessage) -> str:
    return " ".join(part for part in (message.text, message.transcript) if part)


def _abroad(persona: Persona, text: str, said: Sequence[str], seed: str, user: str | None) -> Decision:
    decision = reply_abroad(persona, text, language_of(text), said, seed, user)
    for attempt in range(_ATTEMPTS):
        if decision.text not in said:
            break
        decision = reply_abroad(persona, text, language_of(text), said, f"{seed}/{attempt}", user)
    return decision


def _decide(turn: _Turn) -> Decision:
    if turn.intent in _MEDIA:
        pool = CAPTIONS[turn.intent.removeprefix("ask_")]
        caption = _line(turn, pool, "caption", naming=85)
        return Decision(_MEDIA[turn.intent], clean(caption), tags_of(plain(turn.text)))
    if turn.intent in ("ask_user_name", "ask_about_me"):
        return Decision("text", clean(_about_user(turn)))
    return Decision("text", clean(_talk(turn)))


def _about_user(turn: _Turn) -> str:
    if turn.intent == "ask_user_name":
        answer = _line(turn, ABOUT_USER["name_known" if turn.facts.name else "name_unknown"], "answer")
        return answer if "?" in answer else f"{answer} {_line(turn, turn.voice.asks, 'ask')}"
    fact = fact_asked_for(plain(turn.text), turn.facts)
    if fact is None:
        return _line(turn, ABOUT_USER["unknown"], "answer")
    slots = {**turn.slots, "fact": fact, "Fact": fact[:1].upper() + fact[1:]}
    answer = filled(pick(ABOUT_USER["known"], slots, turn.said, turn.persona.id, turn.seed) or "", slots)
    return answer if "?" in answer else f"{answer} {_line(turn, turn.voice.asks, 'ask')}"


def _talk(turn: _Turn) -> str:
    lines, topic = _LINES[turn.intent], turn.intent.startswith("topic_")
    pool = lines.say
    if turn.intent == "small_talk":
        short_answer = turn.answers_her and "quote" in turn.slots and len(turn.text) < 50
        pool = ANSWERED if short_answer else (*turn.voice.talk, *NAMING, *lines.say)
    elif topic and chance(50, "any", turn.persona.id, turn.seed):
        pool = (*lines.say, *NAMING)
    near = topic or turn.intent.startswith(("feeling_", "long", "small"))
    say = _line(turn, pool, "say", naming=100 if near and not topic else 90 if topic else 75)
    if turn.intent in _ALONE:
        return say
    parts = [say]
    if turn.intent in LEADS and chance(80, "lead", turn.persona.id, turn.seed):
        parts.insert(0, _line(turn, LEADS[turn.intent], "lead"))
    loose = topic or turn.intent in _LOOSE
    if topic and not _names_something(turn, say) and (mention := pick(MENTIONS, turn.slots, turn.said, turn.seed)):
        parts.insert(0, filled(mention, turn.slots))
    elif loose and chance(22, "opener", turn.persona.id, turn.seed):
        parts.insert(0, _line(turn, turn.voice.openers, "opener"))
    parts.append(_going_on(turn, lines, loose, asks_already=say.endswith("?")))
    return _addressed(turn, " ".join(part for part in parts if part))


def _addressed(turn: _Turn, text: str) -> str:
    """The reply with the user's name in its closing question, where it is time to use it again."""
    name = turn.facts.name
    if not name or not turn.slots["voc"] or name in text or not text.endswith("?") or turn.intent in _EARNEST:
        return text
    return f"{text[:-1]}, {name}?"


def _going_on(turn: _Turn, lines: Lines, loose: bool, asks_already: bool) -> str:
    """The end of a reply: a question, a thought of her own, or something the user told earlier."""
    if turn.intent.startswith("self_harm"):
        return ""
    chatty = loose or turn.intent in _CHATTY
    if asks_already:
        return _line(turn, turn.voice.asides, "aside") if loose and chance(35, "aside", turn.seed) else ""
    if chatty and chance(14, "callback", turn.persona.id, turn.seed) and (callback := _callback(turn)):
        return callback
    if (loose or turn.intent == "thanks") and chance(22, "aside", turn.persona.id, turn.seed):
        return _line(turn, turn.voice.asides, "aside")
    unused = [line for line in lines.ask if not any(line.rstrip("?") in text for text in turn.said)]
    own = unused or (lines.ask if turn.intent in _EARNEST or turn.intent.startswith("feeling_") else ())
    return _line(turn, own or turn.voice.asks, "ask")


def _callback(turn: _Turn) -> str | None:
    """Something that the user told earlier, unless it was spoken of just now."""
    known = {name: turn.slots[name] for name in ("like", "pet", "user_place") if name in turn.slots}
    recent = " ".join((turn.text, *turn.said[-4:])).lower()
    if any(value.lower() in recent for value in known.values()):
        return None
    callback = pick(CALLBACKS, known, turn.said, turn.persona.id, turn.seed)
    return filled(callback, turn.slots) if callback else None


def _line(turn: _Turn, pool: Sequence[str], part: str, naming: int = 0) -> str:
    """A line of the pool, in `naming` percent of cases one that names something of the user's words."""
    chosen: Sequence[str] = pool
    if naming and chance(naming, "naming", turn.persona.id, turn.seed, part):
        wanted = [
            line
            for line in pool
            if re.search(
                (
                    r"\{(?:echo|quote|thing|word|wanted|user|asked|fav|choice|topic|animal|place|job|love|age|"
                    r"for_what|rel)\}"
                ),
                line,
                re.IGNORECASE,
            )
        ]
        chosen = [line for line in wanted if pick([line], turn.slots, (), part)] or pool
    line = pick(chosen, turn.slots, turn.said, turn.persona.id, turn.seed, part)
    return filled(line, turn.slots) if line else ""


def _names_something(turn: _Turn, line: str) -> bool:
    """Whether the line already says back something that the user said."""
    low = line.lower()
    return any(word in low for word in content_words(turn.text)) or (turn.facts.name or "\0") in line
