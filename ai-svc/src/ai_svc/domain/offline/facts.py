"""What is known of both sides: facts the user told in this talk, and facts of the companion out of her bio."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ai_svc.domain.conversation import ContextMessage, Persona
from ai_svc.domain.offline.wording import plain

_FIRST_NAMES_TEXT = """
adam adrian alan alex alexander alexis alice amy ana andre andrea andrew andy angela anna anne anthony antonio ben
benjamin bill bob boris brandon brian carl carla carlos carmen caroline charles charlie chris christian christina
claire clara daniel danny dave david dennis diana diego dmitri dylan ed eddie edward elena elias elizabeth ella emily
emma eric erik eva evan felix fiona frank fred gabriel george grace greg hannah harry helen henry hugo ian ivan jack
jacob jake james jane jason jean jeff jen jenny jeremy jess jessica jim jimmy joe joel john johnny jon jonas jose
joseph josh juan julia julian kai karen karl kate katie kelly ken kevin kim kyle laura lea leo leon liam linda lisa
louis luca lucas lucy luis lukas luke maja marco marcus maria marie mario mark markus martin mary matt matteo max
maya mia michael miguel mike mohamed mohammed monica nadia natalie nate nick nicole nina noah nora oliver olivia
omar oscar pablo patrick paul paula pedro peter phil philip rachel ralph ray rebecca richard rob robert roger ron
rosa ryan sam samantha samuel sandra sara sarah scott sean sebastian simon sofia sophia sophie stefan stephen steve
steven sue susan tara ted thomas tim tina tobias todd tom tommy tony tyler vera victor vincent walter will william
yusuf zoe
"""
_FIRST_NAMES = frozenset(_FIRST_NAMES_TEXT.split())
_NAME = r"([A-Za-zÀ-ÖØ-öø-ÿ][A-Za-zÀ-ÖØ-öø-ÿ'-]{1,19})"
_NAME_STATED = re.compile(
    rf"\b(?:my name(?:'s| is|s)|(?:people |friends |everyone )?calls? me|name's)\s+{_NAME}", re.IGNORECASE
)
_NAME_SAID = re.compile(
    (
        rf"(?:\b(?:I'm|I am|Im|this is)|(?:^|[.!,] )it's)\s+{_NAME}(?=\s*(?:$|[.,!?;:)—-]|\band\b|\bby the "
        rf"way|\bfrom\b|\bhere\b))"
    ),
    re.IGNORECASE,
)
_NAME_HERE = re.compile(rf"^(?:hi|hey|hello)?[,! ]*{_NAME} here\b", re.IGNORECASE)
_NOT_A_NAME_TEXT = """
a an the not so very really just still here there back home fine good great okay ok well tired sad happy bored lonely
angry sick single married busy free sorry sure ready done late early hungry thirsty drunk high alone afraid scared
curious glad new old young again later maybe when tomorrow back now if please anything whatever
male female gay straight shy nervous stressed excited lost awake asleep off out in on up
down german french spanish italian english british american russian polish dutch portuguese brazilian indian chinese
japanese turkish greek irish scottish swedish christian later today tomorrow something nothing nobody somebody him her
you me baby babe honey daddy crazy what why how from going trying all kinda feeling also another over too
"""
_NOT_A_NAME = frozenset(_NOT_A_NAME_TEXT.split())

_END = (
    r"(?=$|[.!?,;:()\n]| and i\b| but\b| because\b| so\b| since\b| with you\b| when\b| though\b| "
    r"too\b| right now\b)"
)
_LIKES = re.compile(
    rf"\bi (?:really |also |just |absolutely |do )*(?:love|like|enjoy|adore)\s+(?!you\b|your\b|it\b|"
    rf"that\b|this\b|to be\b|how\b|when\b|him\b|her\b|them\b|being\b)([a-z][\w' -]{{2,40}}?){_END}"
)
_FAVOURITE = re.compile(rf"\bmy fav(?:ou?rite|e)? ([a-z]+(?: [a-z]+)?) (?:is|are) ([a-z][\w' -]{{1,40}}?){_END}")
_JOB = re.compile(rf"\b(?:i|and) work (as an?|in|at|for) ([a-z][\w' -]{{2,30}}?){_END}")
_JOB_TITLE = re.compile(
    r"\bi'm (?:actually )?an? ((?:[a-z-]+ ){0,2}?(?:nurse|doctor|chef|cook|pilot|lawyer|student|"
    r"mechanic|electrician|plumber|dentist"
    r"|accountant|architect|artist|musician|journalist|scientist|physicist|carpenter|farmer|barista|"
    r"bartender|vet"
    r"|engineer|teacher|driver|developer|programmer|designer|writer|painter|manager|waiter|waitress|"
    r"baker|builder"
    r"|paramedic|firefighter|soldier|photographer|actor|dancer|translator|librarian|cashier|trainer|"
    r"therapist))\b"
)
_PLACE = re.compile(
    r"\b(?:i live|i'm living|i'm based) in ([A-Z][\w'-]+(?: [A-Z][\w'-]+)?)|\b(?:i'm|i come) from "
    r"([A-Z][\w'-]+(?: [A-Z][\w'-]+)?)|\bi moved to ([A-Z][\w'-]+)"
)
_AGE = re.compile(r"\bi'm (?:already |now |only )?(\d{2})(?= years| yo\b|$|[.,!?;]| and\b)")
_PETS = r"dog|cat|puppy|kitten|rabbit|bunny|hamster|parrot|horse|turtle"
_PET_NAMED = re.compile(rf"\b({_PETS})(?:'s name is|,? (?:is |was )?(?:called|named)) ([A-Za-z][\w-]+)", re.IGNORECASE)
_PET_APPOSED = re.compile(rf"\bmy ({_PETS}),? ([A-Z][a-z]+)\b")


@dataclass(frozen=True)
class UserFacts:
    """What the user told about themself, the latest word wins; phrases are in the user's words.

    `job` goes on after "you" ("work as a nurse"); `place` is a verb phrase and a name ("you live in", "Bremen").
    """

    name: str | None = None
    likes: tuple[str, ...] = ()
    favourites: tuple[tuple[str, str], ...] = ()
    job: str | None = None
    place: tuple[str, str] | None = None
    age: int | None = None
    pet: tuple[str, str] | None = None

    def any(self) -> bool:
        """Whether anything but the name is known."""
        return bool(self.likes or self.favourites or self.job or self.place or self.age or self.pet)


def told_name(text: str) -> str | None:
    """The name the user gives in this text, or None."""
    text = text.replace("’", "'").strip()
    if stated := _NAME_STATED.search(text):
        name = stated[1]
        return None if name.lower() in _NOT_A_NAME else _as_name(name)
    for pattern in (_NAME_SAID, _NAME_HERE):
        if (said := pattern.search(text)) and said[1].lower() not in _NOT_A_NAME:
            name = said[1]
            known = name.lower() in _FIRST_NAMES
            looks_like_one = name[0].isupper() and name[1:].islower() and not re.search(r"(?:ing|ed|ly)$", name)
            if known or looks_like_one:
                return _as_name(name)
    return None


def user_facts(messages: Sequence[ContextMessage]) -> UserFacts:
    """The facts in the user's messages (texts, captions and transcripts)."""
    name = job = None
    place: tuple[str, str] | None = None
    age: int | None = None
    pet: tuple[str, str] | None = None
    likes: list[str] = []
    favourites: list[tuple[str, str]] = []
    for message in messages:
        text = (message.transcript or message.text or "") if message.sender == "user" else ""
        text = text[:1000].replace("’", "'")
        low = plain(text)
        name = told_name(text) or name
        likes += [hit[1].strip() for hit in _LIKES.finditer(low)]
        favourites += [(hit[1], hit[2].strip()) for hit in _FAVOURITE.finditer(low)]
        if work := _JOB.search(low):
            job = f"work {work[1]} {work[2].strip()}"
        elif title := _JOB_TITLE.search(low):
            job = f"are {'an' if title[1][0] in 'aeiou' else 'a'} {title[1]}"
        for hit in _PLACE.finditer(re.sub(r"\bI(?=\b)", "i", text)):
            city = next(part for part in hit.groups() if part)
            place = ("you're from" if hit[2] else "you live in", city)
        if years := _AGE.search(low):
            age = int(years[1])
        if animal := _PET_NAMED.search(text) or _PET_APPOSED.search(text):
            pet = (animal[1].lower(), _as_name(animal[2]))
    return UserFacts(name, tuple(dict.fromkeys(likes)), tuple(dict(favourites).items()), job, place, age, pet)


def _as_name(name: str) -> str:
    return name if name[1:] != name[1:].upper() and name[0].isupper() else name.capitalize()


_HER_JOBS = (
    r"painter|barista|photographer|teacher|nurse|doctor|chef|baker|pilot|designer|illustrator|architect|engineer"
    r"|developer|programmer|writer|novelist|poet|journalist|editor|musician|singer|guitarist|pianist|cellist|violinist"
    r"|dj|dancer|choreographer|actor|actress|model|biologist|botanist|astronomer|physicist|scientist|veterinarian|vet"
    r"|therapist|psychologist|lawyer|librarian|bookseller|florist|gardener|sommelier|bartender|translator|historian"
    r"|archaeologist|curator|guide|instructor|trainer|coach|climber|surfer|diver|sailor|skipper|carpenter|potter"
    r"|ceramicist|sculptor|tattoo artist|artist|stylist|tailor|student|paramedic|firefighter|ranger|mechanic"
    r"|entrepreneur|consultant|yogi"
)
_HER_JOB = re.compile(rf"\b((?:[a-z]+(?:-[a-z]+)? ){{0,2}})({_HER_JOBS})\b", re.IGNORECASE)
_HER_PLACE = re.compile(r"\b(?:in|from|near|of|to)\s+((?:[A-Z][\w'’-]+)(?: [A-Z][\w'’-]+)?)")
_HER_LOVES = re.compile(
    r"\b(?:loves?|likes?|enjoys?|adores?|into|fond of|passionate about|obsessed with|collects?|fan of|"
    r"lives for|weakness for|"
    r"passion for|crazy about|happiest (?:with|on|in|at))\s+([^.;!?()—]+)",
    re.IGNORECASE,
)
_NOT_IN_A_JOB = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "as",
        "and",
        "or",
        "by",
        "former",
        "works",
        "who",
        "with",
        "day",
        "night",
        "amateur",
        "your",
        "our",
        "of",
        "from",
        "in",
        "at",
        "for",
        "but",
    ]
)


@dataclass(frozen=True)
class HerFacts:
    """What the companion can tell about herself; taken from the public bio only, never from the persona prompt."""

    job: str | None
    place: str | None
    loves: tuple[str, ...]


def her_facts(persona: Persona) -> HerFacts:
    """Job, place and what she loves, as far as the bio says so."""
    bio = persona.bio.replace("’", "'")
    job = None
    if found := _HER_JOB.search(bio):
        before: list[str] = []
        for word in reversed(found[1].lower().split()):
            if word in _NOT_IN_A_JOB:
                break
            before.insert(0, word)
        title = " ".join([*before, found[2].lower()])
        job = f"{'an' if title[0] in 'aeiou' else 'a'} {title}"
    place = next((hit[1] for hit in _HER_PLACE.finditer(bio) if hit[1] != persona.name), None)
    loves: list[str] = []
    for hit in _HER_LOVES.finditer(bio):
        for part in re.split(r",|\band\b|\bbut\b|&", hit[1]):
            phrase = part.strip(" .'\"").removeprefix("a good ")
            if phrase.startswith("to "):
                continue
            if (
                3 <= len(phrase) <= 32
                and len(phrase.split()) <= 4
                and not re.search(r"\b(?:she|he|her|his|you|is)\b", phrase)
            ):
                loves.append(phrase)
    return HerFacts(job, place, tuple(dict.fromkeys(loves)))
