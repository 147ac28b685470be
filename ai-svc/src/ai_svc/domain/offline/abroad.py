"""Answers to messages in other languages: short, in that language where the companion has it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ai_svc.domain.conversation import Decision, Kind, Persona
from ai_svc.domain.offline.choosing import chance, filled, fits, last_said, pick
from ai_svc.domain.offline.languages import ANSWERED, NAMES
from ai_svc.domain.offline.phrases_germanic_slavic import GERMAN, RUSSIAN
from ai_svc.domain.offline.phrases_iberian import PORTUGUESE, SPANISH
from ai_svc.domain.offline.phrases_romance import FRENCH, ITALIAN
from ai_svc.domain.offline.reflection import quote
from ai_svc.domain.offline.wording import plain

_PHRASES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "de": GERMAN,
    "es": SPANISH,
    "fr": FRENCH,
    "it": ITALIAN,
    "pt": PORTUGUESE,
    "ru": RUSSIAN,
}
_QUOTES: Mapping[str, str] = {"de": "„{}“", "fr": "« {} »", "ru": "«{}»"}
# One pattern for all languages: their words do not get into each other's way.
_INTENTS: tuple[tuple[str, str], ...] = (
    (
        "photo",
        (
            r"\bfotos?\b|\bbild(?:er)?\b|\bselfies?\b|\bphotos?\b|\bimagen\b|\bimmagin[ei]\b|\bimagem\b|"
            r"фот(?:о|ку|ки)|селфи|картинк"
        ),
    ),
    ("video", r"\bvid[eé]os?\b|\bclips?\b|видео|ролик"),
    (
        "voice",
        (
            r"\bsprachnachricht\w*|\bstimme\b|\bnota de voz\b|\b(?:tu|mensaje de) voz\b|\bmessage vocal\b|"
            r"\bvocale?\b|\b(?:ta|votre) voix\b|\bla tua voce\b|\bmensagem de voz\b|\bsua voz\b|\báudio\b|"
            r"\baudio\b|голос"
        ),
    ),
    (
        "real",
        (
            r"\bbist du (?:echt|real|ein mensch|eine? (?:ki|bot|roboter|maschine))|\beres (?:real|humana|un "
            r"bot|una? (?:ia|robot|persona))|\b(?:es[- ]tu|tu es) (?:réelle|vraie|humaine|un robot|une (?:ia|"
            r"vraie))|\bsei (?:reale|vera|umana|un bot|un'?\s?ia)|\bvocê é (?:real|humana|um robô|uma ia|de "
            r"verdade)|ты (?:настоящ|реальн|бот|робот|человек|живая|живой)"
        ),
    ),
    (
        "name",
        (
            r"\bwie hei(?:ß|ss)t du|\bwer bist du|\bcómo te llamas|\bquién eres|\bcomment (?:tu t'appelles|"
            r"t'appelles)|\bqui es[- ]tu|\btu t'appelles comment|\bcome ti chiami|\bchi sei|\b(?:como|qual) "
            r"(?:você se chama|é (?:o )?seu nome|te chamas)|\bquem é você|как тебя зовут|кто ты"
        ),
    ),
    (
        "love",
        (
            r"\bich liebe dich|\bhab dich lieb|\bvermisse dich|\bte (?:quiero|amo|extraño|echo de menos)|\bje "
            r"t'aime|\bje t'adore|\btu me manques|\bti (?:amo|adoro)|\bti voglio bene|\bmi manchi|\b(?:eu "
            r")?te amo|\bsaudades? de você|\bamo você|люблю тебя|тебя люблю|скучаю"
        ),
    ),
    (
        "sad",
        (
            r"\bkrank|\benferm|\bmalad|\bmalat|\bdoente|\bmauvaise? (?:journée|jour)|\bmal día"
            r"|\bbrutta giornata|\bdia ruim"
            r"|болею|болен|больна|\btraurig|\bmüde|\beinsam|\bgestresst|\bschlecht(?:en)?\b|\btriste|\bcansad|\bestresad|"
            r"\bsol[ao]\b|\bfatigué|\bépuisé|\bseule?\b|\bstanc[oa]|\bstressat|\bsozinh|груст|устал|одиноко|"
            r"плохо|тяжел"
        ),
    ),
    (
        "how",
        (
            r"\bwie geht|\bgeht'?s dir|\bwas machst du|\bcómo est[áa]s|\bqué tal\b|\bqué haces|\bcomment "
            r"(?:ça va|vas[- ]tu|tu vas|allez)|\bça va\b ?\?|\bque fais[- ]tu|\btu fais quoi|\bcome (?:stai|"
            r"va)|\bcosa fai|\bche fai|\bcomo (?:você está|vai|estás)|\btudo bem\b ?\?|\bo que (?:você está "
            r")?faz|как дела|как ты|что делаешь"
        ),
    ),
    ("thanks", r"\bdanke|\bgracias|\bmerci\b|\bgrazie|\bobrigad|спасибо|благодар"),
    (
        "bye",
        (
            r"\btschü|\bciao ciao|\bbis (?:bald|morgen|später)|\bgute nacht|\badiós|\bhasta (?:luego|mañana|"
            r"pronto)|\bbuenas noches|\bau revoir|\bà (?:bientôt|demain|plus)|\bbonne nuit|\barrivederci|\ba "
            r"(?:domani|presto)\b|\bbuonanotte|\btchau|\baté (?:logo|amanhã|mais)|\bboa noite|\bпока\b|до "
            r"(?:свидания|завтра)|спокойной ночи"
        ),
    ),
    (
        "greeting",
        (
            r"^(?:hallo|hi|hey|moin|servus|guten (?:tag|morgen|abend)|hola|buen[oa]s (?:días|tardes)|bonjour|"
            r"salut|bonsoir|coucou|ciao|buongiorno|buonasera|salve|olá|oi|bom dia|boa tarde|привет|здравствуй|"
            r"добрый|доброе|хай)\b"
        ),
    ),
)
_TAGS: tuple[tuple[str, str], ...] = (
    ("beach", r"strand|playa|plage|spiaggia|praia|пляж"),
    ("sea", r"\bmeer\b|\bmar\b|\bmer\b|\bmare\b|мор[ея]"),
    ("mountains", r"\bberge|montaña|montagne|montanha|гор(?:ы|ах)"),
    ("sunset", r"sonnenuntergang|atardecer|coucher de soleil|tramonto|pôr do sol|закат"),
    ("selfie", r"selfie|селфи"),
    ("dress", r"\bkleid|vestido|\brobe\b|vestito|плать"),
    ("cat", r"katze|\bgat[oa]\b|\bchat\b|gatt[oa]|кошк"),
    ("dog", r"\bhund|perro|\bchien|\bcane\b|cachorro|собак"),
    ("smile", r"lächel|sonris|sourire|sorris|улыб"),
    ("garden", r"garten|jardín|jardin|giardino|jardim|\bсад"),
    ("kitchen", r"küche|cocina|cuisine|cucina|cozinha|кухн"),
    ("city", r"\bstadt|ciudad|\bville\b|città|cidade|город"),
    ("coffee", r"kaffee|\bcafé|caffè|кофе"),
    ("night", r"\bnacht|\bnoche|\bnuit|\bnotte|\bnoite|ноч"),
    ("dancing", r"tanz|bail|dans|ball[ai]|danç|танц"),
)
_COMPILED = tuple((intent, re.compile(pattern)) for intent, pattern in _INTENTS)
_ELSEWHERE = (
    (
        "I can see that's {language}, and I only wish I spoke it as well as you do. Tell me in English, "
        "and I'm all yours?"
    ),
    "{language}! Every word looks beautiful from here. Would you say it again in English for me?",
    "My {language} stops right after hello, I'm afraid. Try me in English?",
    "I'm going to need you to teach me {language} one day. For now: what does that mean in English?",
    ("That was {language}, wasn't it? Say it in English too, I don't want to guess at something that matters."),
    "You had me at {language}, and then you lost me. Once more in English?",
    "I'd love to answer you in {language}, but I'd embarrass us both. English for tonight?",
    "{language} sounds like you'd be fun to listen to. What did you tell me, in English?",
    "One day I'll answer that in {language}. Today I only have English to offer, is that all right?",
    "I recognised the {language}, and that's where my talent ends. Help me out in English?",
    "If you translate your {language} for me, I'll give you my full attention.",
    "Somewhere between {language} and me there's a gap, and English is the bridge. Meet me on it?",
)


def reply_abroad(
    persona: Persona, text: str, language: str, said: Sequence[str], seed: str, user: str | None = None
) -> Decision:
    """A short answer in the user's language, media where it was asked for; English where she has no words for it.

    `user` is the user's name, where it is known.
    """
    if language not in ANSWERED:
        name = NAMES.get(language, "your language")
        return Decision(
            "text", filled(pick(_ELSEWHERE, {"language": name}, said, persona.id, seed) or "", {"language": name})
        )
    phrases = _PHRASES[language]
    low = plain(text)
    intent = next((name for name, pattern in _COMPILED if pattern.search(low)), "talk")
    slots = {"name": persona.name}
    if said_back := quote(text, limit=9):
        slots["quote"] = _QUOTES.get(language, "“{}”").format(said_back)
    kinds: Mapping[str, Kind] = {"photo": "image", "video": "video", "voice": "voice"}
    if intent in kinds:
        tags = tuple(tag for tag, pattern in _TAGS if re.search(pattern, low))[:3]
        return Decision(kinds[intent], _line(phrases[intent], slots, said, persona.id, seed, "caption"), tags)
    pool = phrases[intent]
    if all(last_said(line, said) >= 0 for line in pool if fits(line, slots)):
        pool = (*pool, *phrases["talk"])
    parts = [_line(pool, slots, said, persona.id, seed, "say")]
    if user and chance(45, "named", persona.id, seed):
        parts[0] = f"{user}! {parts[0]}"
    if intent not in ("bye", "real") and "?" not in parts[0]:
        parts.append(_line(phrases["care" if intent == "sad" else "ask"], slots, said, persona.id, seed, "ask"))
    return Decision("text", " ".join(parts))


def crisis_line(language: str) -> str | None:
    """What a person in danger reads in their language, or None where only the English words are there."""
    return _PHRASES[language]["crisis"][0] if language in _PHRASES else None


def _line(pool: tuple[str, ...], slots: Mapping[str, str], said: Sequence[str], *seed: object) -> str:
    naming = (
        tuple(line for line in pool if "{quote}" in line) if "quote" in slots and chance(80, "naming", *seed) else ()
    )
    return filled(pick(naming or pool, slots, said, *seed) or "", slots)
