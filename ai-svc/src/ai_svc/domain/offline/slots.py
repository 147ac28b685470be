"""What can be named in a reply: the user's own words, facts of both sides, and her favourites."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ai_svc.domain.conversation import Persona
from ai_svc.domain.offline.choosing import number
from ai_svc.domain.offline.facts import UserFacts, her_facts
from ai_svc.domain.offline.languages import language_of
from ai_svc.domain.offline.reflection import clause, flipped, her_side, quote, thing
from ai_svc.domain.offline.requests import wanted
from ai_svc.domain.offline.safety import is_injection, is_insult, too_explicit
from ai_svc.domain.offline.subjects import subject_of, subject_word
from ai_svc.domain.offline.voices import lines_of, voice_of
from ai_svc.domain.offline.wording import capitalised, plain
from ai_svc.domain.sensitive import redact

_NOUNS_TEXT = """
pizza pasta sushi tacos burgers breakfast lunch dinner soup salad curry noodles ramen steak pancakes chocolate coffee
tea wine beer cheese bread cake dessert cookies lasagna risotto rain snow sunshine fog italy japan spain france greece
portugal iceland thailand paris rome tokyo london berlin lisbon barcelona camping sightseeing beach yoga tennis
football basketball running swimming cycling hiking climbing surfing boxing training pilates dancing volleyball
"""
_NOUNS = frozenset(_NOUNS_TEXT.split())
_FAVOURITES: Mapping[str, tuple[str, ...]] = {
    "colour": (
        "deep green",
        "the blue just after sunset",
        "burnt orange",
        "a warm red",
        "the grey of the sea",
        "yellow",
    ),
    "food": (
        "fresh pasta",
        "ramen on a cold evening",
        "warm bread with salted butter",
        "a good curry",
        "tacos",
        "dumplings",
    ),
    "season": ("early autumn", "late spring", "the first week of summer", "winter, when it really snows"),
    "animal": ("otters", "foxes", "cats with bad manners", "elephants", "octopuses", "owls"),
    "drink": ("strong coffee", "mint tea", "a glass of red wine", "ginger lemonade", "hot chocolate"),
    "flower": ("peonies", "wild poppies", "sunflowers", "lavender", "white tulips"),
    "day": (
        "Sunday, the slow kind",
        "Friday, just before it begins",
        "Thursday, because nobody expects anything of it",
    ),
    "film": (
        "an old black-and-white one with a train in it",
        "anything with a long road",
        "a French one where nobody finishes a sentence",
    ),
    "song": ("the one I always sing wrong", "an old soul song about coming home", "a slow one with a cello in it"),
    "book": (
        "one with a torn cover and a happy ending",
        "a thick novel with a map in front",
        "short stories I can read twice",
    ),
    "place": ("a bench with a view of water", "a kitchen with people in it", "a quiet street at six in the morning"),
    "time": ("the hour before midnight", "just after sunrise", "late afternoon, when the light gets long"),
}
_SAME: Mapping[str, str] = {
    "color": "colour",
    "meal": "food",
    "dish": "food",
    "movie": "film",
    "music": "song",
    "band": "song",
    "novel": "book",
    "city": "place",
    "spot": "place",
    "weekday": "day",
    "colors": "colour",
    "foods": "food",
    "movies": "film",
    "songs": "song",
    "films": "film",
    "books": "book",
    "animals": "animal",
    "flowers": "flower",
    "pet": "animal",
    "cuisine": "food",
}
_PETS = r"\b(?:dog|cat|puppy|kitten|rabbit|bunny|hamster|parrot|horse|turtle)\b"
_TOPIC = re.compile(
    r"\b(?:think|feel|opinion|thoughts|view|take) (?:about|of|on) ((?:the |my )?[a-z][\w' "
    r"-]{2,40}?)[?.! ]*$"
)
_FAVOURITE = re.compile(
    r"\bfav(?:ou?rite|e)? (?:kind of |type of |sort of )?(?:thing to )?(\w+)|\bwh(?:at|ich) (\w+) do "
    r"you (?:like|prefer|love)"
)
_CHOICE = re.compile(r"\b(?:prefer |rather |like |for |a )?((?:the )?\w+) or (?:the )?(\w+)\?")
_ASKED = re.compile(r"\bdo you (?:like|enjoy|love)(?: to)? ([a-z]+ing(?: \w+)?|music|\w+s)\b")
_BARE_QUESTION = re.compile(r"^(?:and |so )?do you\b")


def slots_of(persona: Persona, text: str, extra: str, facts: UserFacts) -> dict[str, str]:
    """All slots that can be filled for an answer to `text`; `extra` is what else is known of it (a description)."""
    low = plain(text)
    slots = _of_her(persona) | _of_user(facts) | _of_question(persona, low)
    clean_enough = redact(text) == text and not (too_explicit(low) or is_insult(low) or is_injection(low))
    if clean_enough and language_of(text) == "en":
        about = text if text.strip() else extra
        subject = subject_of(low)
        named = (subject_word(low, subject) or "") if subject else ""
        for name, found in (
            ("echo", clause(about)),
            ("thing", thing(about) or thing(extra)),
            ("quote", quote(about, about=named)),
        ):
            if found:
                slots[name] = found.removesuffix(" ")
        if named in _NOUNS:
            slots["word"] = named
        if re.search(_PETS, slots.get("thing", "")):
            slots["animal"] = slots["thing"]
    if asked_for := wanted(low):
        slots["wanted"] = asked_for
    return slots | {capitalised(name): capitalised(value) for name, value in slots.items()}


def fact_asked_for(low: str, facts: UserFacts) -> str | None:
    """What the user wants to hear about themself, as a clause ("you work as a nurse"), or None."""
    known = {
        r"\bdog|\bcat\b|\bpet": f"your {facts.pet[0]} is called {facts.pet[1]}" if facts.pet else None,
        r"\bjob|\bwork|\bdo for a living": f"you {facts.job}" if facts.job else None,
        r"\blive|\bfrom\b|\bcity|\bhometown": " ".join(facts.place) if facts.place else None,
        r"\bold|\bage\b": f"you're {facts.age}" if facts.age else None,
        r"\bfav": " and ".join(f"your favourite {what} is {which}" for what, which in facts.favourites[-2:]) or None,
        r"\blike|\blove|\benjoy|\bhobb|\bdo for fun": f"you love {' and '.join(map(flipped, facts.likes[-2:]))}"
        if facts.likes
        else None,
    }
    named = [fact for pattern, fact in known.items() if re.search(pattern, low)]
    if named:
        return next((fact for fact in named if fact), None)
    everything = [fact for fact in known.values() if fact]
    if facts.name:
        everything.insert(0, f"your name is {facts.name}")
    return (
        ", ".join(everything[:-1]) + " and " + everything[-1] if len(everything) > 1 else next(iter(everything), None)
    )


def _of_her(persona: Persona) -> dict[str, str]:
    hers = her_facts(persona)
    slots = {"name": persona.name, "age": str(persona.age), "pastime": lines_of(voice_of(persona)).pastime}
    if hers.job:
        slots["job"] = hers.job
    if hers.place:
        slots["place"] = hers.place
    if hers.loves:
        slots["love"] = hers.loves[number("love", persona.id) % len(hers.loves)]
    return slots


def _of_user(facts: UserFacts) -> dict[str, str]:
    slots: dict[str, str] = {}
    if facts.name:
        slots["user"] = facts.name
    if likes := [like for like in facts.likes if not like.startswith("to ") and len(like.split()) <= 4]:
        slots["like"] = flipped(likes[-1])
    if facts.pet:
        slots["pet"] = facts.pet[1]
    if facts.place:
        slots["user_place"] = facts.place[1]
    return slots


def _of_question(persona: Persona, low: str) -> dict[str, str]:
    slots: dict[str, str] = {}
    if favourite := _FAVOURITE.search(low):
        word = next(part for part in favourite.groups() if part)
        slots["word"] = word
        if options := _FAVOURITES.get(_SAME.get(word, word)):
            slots["fav"] = options[number("favourite", persona.id, word) % len(options)]
    if thanked := re.search(
        r"\b(?:thanks|thank you|grateful)(?: so much| a lot| very much)? for ([a-z][\w' -]{2,30}?)[.!? ]*$", low
    ):
        slots["for_what"] = her_side(thanked[1])
    if partner := re.search(r"\b(?:have|got) an? (boyfriend|girlfriend|husband|wife|partner|lover)\b", low):
        slots["rel"] = partner[1]
    if re.search(r"\bwhat are you wearing\b", low):
        slots["wearing"] = ""
    if topic := _TOPIC.search(low):
        slots["topic"] = flipped(topic[1])
    if choice := _CHOICE.search(low):
        slots["choice"] = choice[1 + number("choice", persona.id, choice[0]) % 2]
    if asked := _ASKED.search(low):
        slots["asked"] = asked[1]
    elif _BARE_QUESTION.search(low):
        slots["yesno"] = ""
    return slots
