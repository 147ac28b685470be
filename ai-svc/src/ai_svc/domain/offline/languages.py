"""Which language a text is written in: by its script, else by the small words that give a language away."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ai_svc.domain.offline.wording import plain, words

# Languages that the companion answers in; the others get a friendly English answer that names them.
ANSWERED = ("de", "es", "fr", "it", "pt", "ru")
NAMES: Mapping[str, str] = {
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pt": "Portuguese",
    "ru": "Russian",
    "uk": "Ukrainian",
    "el": "Greek",
    "he": "Hebrew",
    "ar": "Arabic",
    "hi": "Hindi",
    "th": "Thai",
    "ko": "Korean",
    "ja": "Japanese",
    "zh": "Chinese",
    "nl": "Dutch",
    "pl": "Polish",
    "tr": "Turkish",
    "sv": "Swedish",
    "hy": "Armenian",
    "ka": "Georgian",
}
_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("ja", "\u3040-\u30ff"),
    ("ko", "\uac00-\ud7af\u1100-\u11ff"),
    ("zh", "\u4e00-\u9fff"),
    ("uk", "їієґЇІЄҐ"),
    ("ru", "\u0400-\u04ff"),
    ("el", "\u0370-\u03ff"),
    ("he", "\u0590-\u05ff"),
    ("ar", "\u0600-\u06ff"),
    ("hi", "\u0900-\u097f"),
    ("th", "\u0e00-\u0e7f"),
    ("hy", "\u0530-\u058f"),
    ("ka", "\u10a0-\u10ff"),
)
_SCRIPT_PATTERNS = tuple((language, re.compile(f"[{signs}]")) for language, signs in _SCRIPTS)

_SMALL_WORDS_TEXT: Mapping[str, str] = {
    "de": """ich du er sie wir ihr und oder aber nicht ist bin bist sind war wie was wer wo warum wann der die das den
        dem ein eine einen einem mein meine dein deine mir mich dir dich heute morgen gestern schön gut sehr auch noch
        schon mit für auf von zu zum habe hast hat haben kann kannst können möchte will willst geht gehts hallo danke
        bitte nein ja machst mache machen liebe lieb magst mag müde traurig schick zeig foto bild gern gerne tschüss
        guten abend nacht heiße heißt kein keine über wenn dass arbeit tag alles nur etwas weil nach bei""",
    "es": """yo tú tu él ella nosotros y pero no es soy eres estoy estás está son como cómo qué quién dónde por para el
        la los las un una mi mis me te se hoy mañana ayer muy también con de en hola gracias favor buenos buenas días
        noches tardes quiero puedes tengo tienes hace hacer amor triste cansado cansada feliz foto envíame mándame
        adiós llamo llamas sí nada todo porque cuando trabajo día bien mal gusta gustas hablas guapa siento""",
    "fr": """je tu il elle nous vous et mais ne pas est suis es êtes sont comment quoi qui où pourquoi le la les un une
        des mon ma mes ton ta tes me te se aujourd'hui demain hier très aussi avec pour dans sur bonjour salut merci
        bonsoir bonne nuit veux peux ai as fait faire amour triste fatigué fatiguée heureux photo envoie moi toi
        oui non rien tout parce quand travail jour bien ça va c'est j'ai j'aime je suis s'il plaît au revoir belle""",
    "it": """io tu lui lei noi voi e ma non è sono sei siamo come cosa chi dove perché il lo la gli le un una mio mia
        tuo tua mi ti si oggi domani ieri molto anche con per di in ciao grazie prego buongiorno buonasera buonanotte
        voglio puoi ho hai fatto fare amore triste stanco stanca felice foto mandami chiamo chiami niente tutto
        quando lavoro giorno bene male piace arrivederci bella sto stai che della""",
    "pt": """eu você tu ele ela nós e mas não é sou és está estou são como que quem onde porque o a os as um uma meu
        minha teu tua seu sua me te se hoje amanhã ontem muito também com para de em olá oi obrigado obrigada bom boa
        dia noite tarde quero pode tenho tens tem fazer amor triste cansado cansada feliz foto manda envia tchau
        sim nada tudo quando trabalho bem mal gosto gostas linda tudo bem chamo""",
    "nl": "ik jij je hij zij wij en maar niet is ben bent zijn hoe wat wie waar het een de mijn jouw "
    "vandaag hallo dank "
    "graag goed heb hebt kan wil hou van met voor ook nog mooi dag moe verdrietig geen gaat foto stuur",
    "pl": "ja ty on ona i ale nie jest jestem jesteś jak co kto gdzie dlaczego cześć dzień dobry dziękuję "
    "dzięki proszę "
    "dziś jutro bardzo też z na do mam masz chcę możesz kocham się mnie ciebie mój moja twój zdjęcie smutny",
    "tr": "ben sen biz ve ama değil bir bu şu ne nasıl nasılsın kim nerede neden merhaba selam teşekkürler "
    "günaydın iyi "
    "bugün yarın çok da için var yok istiyorum seviyorum seni beni benim senin fotoğraf lütfen evet hayır",
    "sv": "jag du han hon vi och men inte är hur vad vem var varför hej tack god morgon idag imorgon "
    "mycket också med "
    "för har kan vill min mitt din ditt älskar dig mig ett en bild snälla ja nej trött ledsen mår",
}
_SMALL_WORDS: Mapping[str, frozenset[str]] = {lang: frozenset(text.split()) for lang, text in _SMALL_WORDS_TEXT.items()}
_ENGLISH_TEXT = """
i you he she it we they the a an and or but not is am are was were be been do does did have has had will would can could
should my your his her our me him us them this that these those what who where when why how in on at to of for with
from up out about so very just like love want need go going get got know think say said good hi hello hey thanks yes no
please today tomorrow night day i'm don't it's you're i've that's can't didn't man men die as all one here there now
me see come time any some if than then too more much send show photo
"""
_ENGLISH = frozenset(_ENGLISH_TEXT.split())
_SURE_TEXT: Mapping[str, str] = {
    "de": (
        "hallo danke tschüss bitte guten gehts ich heiße nicht schön müde schick moin servus liebst willst wirklich"
    ),
    "es": "hola gracias adiós buenos buenas cómo qué quiero envíame mándame eres estás soy guapa cariño ¿qué",
    "fr": "bonjour salut merci bonsoir bonne coucou je suis aujourd'hui ça j'ai c'est envoie-moi t'aime très oui",
    "it": "ciao grazie buongiorno buonasera buonanotte mandami voglio perché sono stai amore bella sei",
    "pt": "olá oi obrigado obrigada você não tchau estou bom muito saudade",
    "nl": "hallo hoi dank dankjewel goedemorgen ik",
    "pl": "cześć dziękuję dzięki dobry hej",
    "tr": "merhaba selam teşekkürler nasılsın günaydın",
    "sv": "hej tack tjena älskar",
}
_SURE: Mapping[str, frozenset[str]] = {lang: frozenset(text.split()) for lang, text in _SURE_TEXT.items()}


def language_of(text: str) -> str:
    """The language's two letters; "en" also where it can't be told."""
    letters = sum(sign.isalpha() for sign in text)
    for language, pattern in _SCRIPT_PATTERNS:
        hits = len(pattern.findall(text))
        if hits and (hits * 3 >= letters or (language == "uk" and hits * 20 >= letters and max(text) >= "а")):
            return language
    found = [word.replace("’", "'") for word in words(plain(text))]
    if not found:
        return "en"
    english = sum(word in _ENGLISH for word in found)
    scores = {lang: sum(word in small for word in found) for lang, small in _SMALL_WORDS.items()}
    sure = {lang: sum(word in special for word in found) for lang, special in _SURE.items()}
    best = max(scores, key=lambda lang: (scores[lang] + sure[lang] + _accents(text, lang), -list(scores).index(lang)))
    score = scores[best] + sure[best]
    if score > english and (score >= 2 and scores[best] * 3 >= len(found)):
        return best
    return best if sure[best] and english == 0 and len(found) <= 4 else "en"


def _accents(text: str, language: str) -> int:
    signs = {"de": "äöüß", "es": "ñ¿¡", "fr": "çèêàœ", "it": "òìù", "pt": "ãõ", "sv": "å", "pl": "łśżźć", "tr": "ışğ"}
    return 2 * sum(sign in text.lower() for sign in signs.get(language, ""))
