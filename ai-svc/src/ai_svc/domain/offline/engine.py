"""The offline companion: answers in persona without any model, the same for the same talk and seed (AI-1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ai_svc.domain.conversation import ContextMessage, Decision, Persona
from ai_svc.domain.offline.abroad import crisis_line, reply_abroad
from ai_svc.domain.offline.choosing import chance, filled, fits, last_said, pick
from ai_svc.domain.offline.facts import UserFacts, user_facts
from ai_svc.domain.offline.languages import language_of
from ai_svc.domain.offline.lines import Lines
from ai_svc.domain.offline.phrases_about_her import ABOUT_HER
from ai_svc.domain.offline.phrases_about_user import ABOUT_USER, OPINIONS
from ai_svc.domain.offline.phrases_feelings import COMFORT, FEELINGS
from ai_svc.domain.offline.phrases_media import CALLBACKS, CAPTION_ENDS, CAPTIONS, MENTIONS, RECEIVED
from ai_svc.domain.offline.phrases_pieces import GAME_ASKS, GAMES, JOKE_ASKS, JOKES, LEADS, NAMING, STORIES, STORY_ASKS
from ai_svc.domain.offline.phrases_serious import SERIOUS
from ai_svc.domain.offline.phrases_social import SOCIAL
from ai_svc.domain.offline.phrases_talk import AFTERCARE, ANSWERED, FORMS, GENERAL, LONG_TEXT, SAFER, SYMPATHETIC
from ai_svc.domain.offline.phrases_topics import TOPICS
from ai_svc.domain.offline.requests import tags_of
from ai_svc.domain.offline.slots import fact_asked_for, slots_of
from ai_svc.domain.offline.voices import Voice, lines_of, voice_of
from ai_svc.domain.offline.waiting import MEDIA, URGENT, to_answer, words_of
from ai_svc.domain.offline.wording import content_words, plain
from ai_svc.domain.output_rules import clean

_LINES: Mapping[str, Lines] = {
    **SOCIAL,
    **FORMS,
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
_ALONE = ("self_harm", "underage", "good_night", "goodbye")
_EARNEST = (
    *URGENT,
    "self_harm_after",
    "self_harm_safer",
    "insult",
    "explicit",
    "injection",
    "are_you_real",
    "apology",
)
_ATTEMPTS = 30
_SOUR = re.compile(
    r"\b(?:never|hurts?|hurting|horrible|terrible|awful|hates?|hated|broken?|lost|fight|fought|argument|alone|worst"
    r"|annoy\w+|late again|fail(?:ed|s)?|burn(?:ed|t)|pain|unfair|stole|stolen"
    r"|cheat\w+|lied|crash(?:ed)?|cancel\w+|miss(?:ed)? (?:the|my)"
    r"|yell\w+|shout\w+|ignor\w+|difficult|problems?|sadly|unfortunately|sucks?|ruined|fired|dead|sore)\b"
)
_STATEMENT = re.compile(r"^(?:i|i'm|i've|he|she|it|they|we|you|the|there|this|that|my|our|his|her|their|it's|that's)\b")
_HEAVY = tuple(f"feeling_{name}" for name in ("sad", "tired", "stressed", "anxious", "lonely", "angry", "sick"))
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
    message, intent = to_answer(messages)
    text = words_of(message)
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


def _abroad(persona: Persona, text: str, said: Sequence[str], seed: str, user: str | None) -> Decision:
    decision = reply_abroad(persona, text, language_of(text), said, seed, user)
    for attempt in range(_ATTEMPTS):
        if decision.text not in said:
            break
        decision = reply_abroad(persona, text, language_of(text), said, f"{seed}/{attempt}", user)
    return decision


def _decide(turn: _Turn) -> Decision:
    if turn.intent in MEDIA:
        pool = CAPTIONS[turn.intent.removeprefix("ask_")]
        caption = _line(turn, pool, "caption", naming=85)
        if chance(45, "end", turn.persona.id, turn.seed) or any(caption in text for text in turn.said):
            caption = f"{caption} {_line(turn, CAPTION_ENDS, 'end')}"
        return Decision(MEDIA[turn.intent], clean(caption), tags_of(plain(turn.text)))
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
    sour = (topic or turn.intent == "small_talk") and bool(_SOUR.search(plain(turn.text)))
    if sour:
        lines = SYMPATHETIC if not topic else Lines((*SYMPATHETIC.say[:6], *lines.say[1:2]), SYMPATHETIC.ask)
    pool = lines.say
    if sour:
        topic = False
    elif turn.intent == "small_talk":
        pool = ANSWERED if _is_short_answer(turn) else (*turn.voice.talk, *NAMING, *lines.say)
    elif topic and chance(50, "any", turn.persona.id, turn.seed):
        pool = (*lines.say, *NAMING)
    if turn.intent not in _EARNEST and all(_was_said(turn, line) for line in pool if fits(line, turn.slots)):
        pool = (*pool, *GENERAL.say, *NAMING)
    near = topic or sour or turn.intent.startswith(("feeling_", "long", "small", "user_"))
    say = _line(turn, pool, "say", naming=100 if near and not topic else 90 if topic else 75)
    if turn.intent in _ALONE:
        return say
    parts = [say]
    if turn.intent in LEADS and chance(80, "lead", turn.persona.id, turn.seed):
        parts.insert(0, _line(turn, LEADS[turn.intent], "lead"))
    if turn.intent in _HEAVY and chance(40, "comfort", turn.persona.id, turn.seed):
        parts.append(_line(turn, COMFORT, "comfort"))
    loose = not sour and (topic or turn.intent in _LOOSE)
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
    unused = tuple(line for line in lines.ask if not any(line.rstrip("?") in text for text in turn.said))
    own = (
        unused
        if len(unused) > 2
        else (*unused, *turn.voice.asks)
        if loose
        else unused or (lines.ask if turn.intent in _EARNEST or turn.intent.startswith("feeling_") else ())
    )
    return _line(turn, own or turn.voice.asks, "ask")


def _is_short_answer(turn: _Turn) -> bool:
    """Whether a few words answer her question, and do not begin a subject of their own."""
    short = turn.answers_her and "quote" in turn.slots and len(turn.text.split()) <= 5
    return short and not _STATEMENT.search(plain(turn.text))


def _was_said(turn: _Turn, line: str) -> bool:
    """Whether the line, or its fixed beginning, stands in one of her last messages."""
    return last_said(line, turn.said) >= 0


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
                    r"for_what|rel|wearing)\}"
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
    name = turn.facts.name
    return any(word in low for word in content_words(turn.text)) or (name is not None and name in line)
