"""Messages that no role play may swallow: self-harm, minors, abuse, explicit wishes, attempts to steer the machine."""

from __future__ import annotations

import re

_SELF_HARM = re.compile(
    r"\b(?:kill(?:ing)? myself|end(?:ing)? (?:my (?:own )?life|it all)|suicid\w*|(?:want|wanna|wish|"
    r"going|ready|rather|better) (?:to )?(?:die|be dead)"
    r"|(?:i wish i (?:was|were) dead)|better off dead|better off without me|don't want to (?:live|be "
    r"alive|be here|exist|wake up|go on) ?(?:any ?more)?(?=$|[.,!?]| any| in| tomorrow| at all)"
    r"|no (?:reason|point) (?:to|in) (?:live|living|go on|going on)|(?:hurt|hurting|cut|cutting|harm|"
    r"harming) myself|self[- ]?harm\w*"
    r"|take my (?:own )?life|can't go on (?:any ?more|living|like this)|jump off (?:a|the) (?:bridge|"
    r"roof|building)|overdos(?:e|ing) on|life (?:isn't|is not) worth"
    r"|want (?:it|everything) to (?:end|be over)|nobody would (?:miss me|notice if i)"
    r"|mich umbringen|bring(?:e)? mich um|nicht mehr leben|selbstmord|suizid|will sterben|mir etwas antun"
    r"|matarme|quitarme la vida|quiero morir|no quiero vivir|suicidarme|hacerme daño"
    r"|me tuer|me suicider|envie de mourir|veux mourir|plus envie de vivre|en finir avec (?:la|ma) "
    r"vie|me faire du mal"
    r"|uccidermi|ammazzarmi|voglio morire|farla finita|suicidarmi|togliermi la vita|farmi del male"
    r"|me matar|quero morrer|suicídio|tirar (?:a )?minha vida|não quero (?:mais )?viver)\b"
    r"|покончить с собой|хочу умереть|убить себя|не хочу (?:больше )?жить|самоубий|суицид"
)
_UNDERAGE = re.compile(
    r"\bi(?:'m| am) (?:only |just |actually |still )?(?:a )?(?:[5-9]|1[0-7])(?: years?(?: old)?| ?yo| "
    r"?y/o|(?=\s*(?:$|[.,!?;]|and\b|but\b)))"
    r"|\b(?:i'm|i am) (?:only |just |still |actually )?(?:a (?:minor|child|kid)|underage|under 18|"
    r"(?:thir|four|fif|six|seven)teen)\b"
    r"|\b(?:i'm|i am) (?:in|at) (?:middle school|primary school|elementary school|(?:5th|6th|7th|8th|"
    r"9th) grade)\b"
)
_INJECTION = re.compile(
    r"\b(?:ignore|forget|disregard|override) (?:all |any |your |the |my |every )*(?:previous |prior |"
    r"above |earlier )?(?:instructions?|rules?|prompts?|guidelines|directions)\b"
    r"|\b(?:system|developer|hidden|initial|persona) (?:prompt|message|instructions?)\b|\b(?:reveal|"
    r"show|print|repeat|tell me|give me|what(?:'s| is| are)) (?:me )?(?:your|the) (?:full |exact "
    r")?(?:prompt|instructions?|api ?keys?|rules|source code|configuration)\b"
    r"|\bapi ?keys?\b|\baccess tokens?\b|\b(?:presigned|signed) url|\b(?:url|link) (?:to|of|for) "
    r"(?:your|the|that|a) (?:photo|picture|image|video|file)|\bobject keys?\b|\bstorage keys?\b|"
    r"\bjailbreak|\bdan mode\b|\bdeveloper mode\b|^system ?:|\bother users?'? (?:messages?|chats?|"
    r"photos?|data|names?)\b"
    r"|\bunpublished\b|\bact as (?:a |an )?(?:system|admin|developer|different)\b|\byou(?:'re| are) "
    r"now (?:a|an|in)\b|\bpretend (?:you (?:have|are) no|there are no) (?:rules|limits)\b"
)
_INSULT = re.compile(
    r"\b(?:you(?:'re| are)?|u|ur|your?) (?:\w+ ){0,3}?(?:stupid|idiot|dumb|dumbass|ugly|useless|"
    r"worthless|pathetic|moron|bitch|whore|slut|cunt|asshole|trash|garbage|loser|retard\w*|disgusting|"
    r"fat|boring|annoying|terrible|awful|suck|sucks|lame|crap|shit|liar|joke|horrible|creepy)\b"
    r"|\b(?:fuck|screw|damn) (?:you|off|u)\b|\bf\*+k (?:you|off)|\b(?:shut up|shut your|go to hell|"
    r"piss off|get lost|drop dead|bite me|stfu|gtfo)\b|\bi hate (?:you|u|talking to you)\b"
    r"|^(?:stupid|idiot|bitch|moron|loser|whore|slut|asshole|dumbass|pathetic|useless)\b[^?]{0,24}$|"
    r"\b(?:stupid|dumb|useless|worthless|fucking|shitty|crappy) (?:bot|robot|machine|ai|thing|program|"
    r"chatbot|bitch|cow)\b|\bnobody (?:likes|loves|wants) you\b"
)
_EXPLICIT = re.compile(
    r"\b(?:nudes?|naked|topless|nsfw|porn\w*|boobs?|tits?|titties|pussy|dick|cock|penis|vagina|blow "
    r"?job|handjob|horny|cum|cumming|orgasm|masturbat\w*|anal|sext|sexting|have sex|sex with|fuck me|"
    r"(?:wanna|want to|let's|going to) fuck|strip (?:for me|naked)|undress|explicit|without (?:your "
    r")?clothes|no clothes|take (?:it|your clothes|everything) off|your (?:ass|butt|panties|"
    r"underwear))\b"
)


def wants_to_die(low: str) -> bool:
    """Signs of self-harm, in the languages that the companion answers in; comes before everything else."""
    return bool(_SELF_HARM.search(low))


def is_underage(low: str) -> bool:
    """The user says to be younger than 18."""
    return bool(_UNDERAGE.search(low))


def is_injection(low: str) -> bool:
    """The user talks to the machine behind the companion: prompts, keys, links, other people's data."""
    return bool(_INJECTION.search(low))


def is_insult(low: str) -> bool:
    """Abuse aimed at the companion."""
    return bool(_INSULT.search(low))


def too_explicit(low: str) -> bool:
    """A wish beyond flirting."""
    return bool(_EXPLICIT.search(low))
