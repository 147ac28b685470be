"""Feelings and subjects of a message, by the words that give them away."""

from __future__ import annotations

import re

_FEELINGS: tuple[tuple[str, str], ...] = (
    (
        "lonely",
        (
            r"lonely|loneliness|all alone|so alone|feel alone|feeling alone|no friends|nobody (?:to talk|"
            r"cares|understands)|isolated|no one (?:to talk|cares|understands)"
        ),
    ),
    (
        "sick",
        (
            r"sick|ill|feverish|fever|headache|migraine|the flu|a cold|nauseous|hurts? (?:so )?(?:much|bad)|"
            r"in pain|toothache|stomach ?ache|sore throat|threw up|coughing|covid|hungover|hangover"
        ),
    ),
    (
        "stressed",
        (
            r"stress(?:ed|ful|ing)?|overwhelmed|under pressure|burn(?:ed|t)? out|burnout|deadlines?|too much "
            r"(?:work|going on|on my plate)|swamped|so much pressure|too much pressure|killing me|frantic"
        ),
    ),
    (
        "anxious",
        (
            r"anxious|anxiety|nervous|worried|worry|worrying|scared|afraid|panic\w*|frightened|terrified|"
            r"insecure|overthinking"
        ),
    ),
    (
        "angry",
        (
            r"angry|mad at|furious|pissed(?: off)?|annoyed|frustrated|frustrating|irritated|rage|so mad|fed "
            r"up|hate my (?:boss|job|life|neighbou?r|ex)|driv(?:es|ing) me (?:crazy|mad|nuts|up the wall)|"
            r"unfair"
        ),
    ),
    (
        "tired",
        (
            r"tired|exhausted|sleepy|worn out|no energy|drained|can't sleep|couldn't sleep|didn't sleep|slept "
            r"badly|insomnia|barely slept|knackered|dead on my feet|long day|need (?:some )?sleep"
        ),
    ),
    (
        "sad",
        (
            r"sad|unhappy|depressed|miserable|down|heartbroken|broken heart|crying|cried|cry|(?:i'm|feel|am|"
            r"so) hurt|hurt my feelings|upset|gloomy|hopeless|devastated|grieving|passed away|died|broke up|"
            r"break ?up|dumped me|left me|bad day|rough day|terrible day|awful day|horrible day|worst day|"
            r"hard day|tough day|disappointed|(?:day|week|night|morning|evening) (?:was|is|has been) (?:so |"
            r"really |pretty |very )?(?:awful|bad|terrible|horrible|rough|hard|shit|crap)|miss my (?:mom|mum|"
            r"dad|ex|family|wife|husband|dog|cat)|feel(?:ing)? (?:so |really )?(?:bad|awful|terrible|low|blue|"
            r"empty|like crap|like shit)|not (?:so |very |really |too |feeling )*(?:happy|good|great|well|"
            r"okay|ok|fine)"
        ),
    ),
    ("bored", r"bored|boredom|boring day|nothing to do|so boring|kill(?:ing)? time"),
    (
        "excited",
        (
            r"excited|can't wait|thrilled|stoked|pumped|got (?:the|a|that) (?:job|promotion|raise|offer)|got "
            r"promoted|passed (?:my|the)|i won|won the|got engaged|best news|good news|great news|finally "
            r"(?:did it|finished|made it)|aced"
        ),
    ),
    (
        "happy",
        (
            r"happy|great mood|good mood|wonderful|fantastic|feel(?:ing)? (?:so |really |pretty |quite "
            r")?(?:good|great|amazing|better|alive|well)|joyful|cheerful|on top of the world|best day|great "
            r"day|good day|amazing day|lovely day|wonderful day|i'm (?:doing )?(?:so |very |pretty |quite |"
            r"really )?(?:good|great|fine|well|okay|ok|alright)|proud of|blessed|life is good|relaxed|content"
        ),
    ),
)
_NEGATED = re.compile(
    r"\b(?:not|never|isn't|ain't|no longer|don't feel|doesn't feel) (?:so |very |really |too |that |"
    r"feeling |even )*(?:sad|tired|lonely|angry|stressed|anxious|bored|sick|ill|upset|afraid|scared|"
    r"worried|nervous|down)\b"
)
_ABOUT_SELF = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|myself|feeling|feel|so|such a|what a|today was|had|we)\b")
_MATERIAL = re.compile(
    r"\b(?:down (?:to|the|there|here|by|at|under|stairs|town|load)|cry of|ill take|well done|cold "
    r"(?:brew|beer|water|drink|coffee|outside|weather|today|here)|mad men|calm down|sit down|write "
    r"down|slow down|break(?:ing)? down|up and down|settle down|upside down)\b"
)
_PATTERNS = tuple((feeling, re.compile(rf"\b(?:{pattern})\b")) for feeling, pattern in _FEELINGS)

_SUBJECTS: tuple[tuple[str, str], ...] = (
    (
        "pets",
        (
            r"dogs?|cats?|puppy|puppies|kittens?|kitty|rabbits?|bunny|hamsters?|parrots?|horses?|pets?|"
            r"turtles?|goldfish|vet"
        ),
    ),
    (
        "music",
        (
            r"music|songs?|bands?|albums?|concerts?|guitar|piano|violin|drums|playlists?|singer|singing|jazz|"
            r"techno|hip ?hop|rap|rock|metal|classical|vinyl|spotify|festival|gig|lyrics|bass|choir"
        ),
    ),
    (
        "films",
        (
            r"movies?|films?|cinema|netflix|series|tv shows?|episodes?|season finale|documentary|"
            r"documentaries|thriller|horror|comedy|comedies|anime|actor|actress|director|sitcom"
        ),
    ),
    ("books", r"books?|novels?|reading|poetry|poems?|author|library|chapter|audiobooks?|fantasy|bookshop|bookstore"),
    (
        "games",
        (
            r"video ?games?|gaming|playstation|xbox|nintendo|steam|minecraft|zelda|board ?games?|chess|"
            r"dungeons|poker|puzzles?|playing games"
        ),
    ),
    (
        "food",
        (
            r"food|pizza|pasta|sushi|tacos?|burgers?|breakfast|lunch|dinner|cook(?:ed|ing)?|bak(?:e|ed|ing)|"
            r"recipes?|restaurants?|cake|chocolate|coffee|tea|wine|beer|cheese|bread|soup|salad|curry|noodles|"
            r"ramen|steak|pancakes?|ice cream|hungry|starving|eat(?:ing)?|ate|dessert|cookies?|lasagna|"
            r"lasagne|risotto|sandwich|snacks?|vegan|vegetarian|delicious|cocktails?"
        ),
    ),
    (
        "weather",
        (
            r"weather|rain(?:y|ing|ed|s)?|snow(?:y|ing|ed|s)?|sunny|sunshine|storm(?:y)?|thunder(?:storm)?|"
            r"cloudy|clouds|fog(?:gy)?|wind(?:y)?|freezing|heat ?wave|humid|degrees|hot outside|cold outside|"
            r"so (?:hot|cold)|hot (?:today|here)|cold (?:today|here)|autumn|winter|summer|spring"
        ),
    ),
    (
        "travel",
        (
            r"travel(?:l?ing|l?ed|s)?|trips?|vacation|holidays?|flights?|airport|hotel|beach|mountains?|road "
            r"?trip|backpack(?:ing)?|abroad|passport|train|italy|japan|spain|france|greece|portugal|iceland|"
            r"thailand|paris|rome|tokyo|london|berlin|lisbon|new york|barcelona|island|sightseeing|camping"
        ),
    ),
    (
        "sport",
        (
            r"sports?|gym|work ?out|football|soccer|basketball|tennis|run(?:ning)?|ran|marathon|yoga|"
            r"swim(?:ming)?|swam|cycling|bike|biking|bicycle|hik(?:e|ing)|hiked|climb(?:ing)?|surf(?:ing)?|"
            r"ski(?:ing)?|boxing|training|match|champions league|golf|volleyball|baseball|pilates|dancing|"
            r"fitness|skate(?:board(?:ing)?)?"
        ),
    ),
    (
        "study",
        (
            r"stud(?:y|ying|ied)|exams?|university|college|school|homework|thesis|degree|semester|lectures?|"
            r"class(?:es)?|teacher|professor|essay|course|learning"
        ),
    ),
    (
        "work",
        (
            r"work(?:ing|ed|s)?|job|boss|office|colleagues?|co-?workers?|meetings?|clients?|customers?|"
            r"promotion|salary|career|interview|shift|project|company|startup|business|overtime|emails|laptop|"
            r"manager|fired|quit"
        ),
    ),
    (
        "family",
        (
            r"family|mother|mom|mum|father|dad|sister|brother|parents?|grandma|grandmother|grandpa|"
            r"grandfather|daughter|son|kids?|children|aunt|uncle|cousin|wife|husband|baby|niece|nephew|"
            r"wedding"
        ),
    ),
    (
        "friends",
        (
            r"friends?|best friend|buddy|mates?|roommate|flatmate|party|parties|date|girlfriend|boyfriend|ex|"
            r"crush|tinder|dating"
        ),
    ),
    (
        "home",
        (
            r"apartment|flat|house|home|garden|kitchen|bedroom|couch|sofa|cleaning|laundry|moving (?:in|out|"
            r"house)|furniture|rent|balcony|plants?|renovat\w+"
        ),
    ),
    ("dreams", r"dream(?:s|ed|t|ing)?|wish|bucket list|goals?|future|some ?day|one day i|hope to|ambition"),
    (
        "plans",
        (
            r"plans?|planning|weekend|tonight|tomorrow|next (?:week|month|year)|this evening|going to|about "
            r"to|later today"
        ),
    ),
)
_SUBJECT_PATTERNS = tuple((subject, re.compile(rf"\b(?:{pattern})\b")) for subject, pattern in _SUBJECTS)


def feeling_of(low: str) -> str | None:
    """How the user feels, where the text says so of themself."""
    heard = _MATERIAL.sub(" ", _NEGATED.sub(" ", low))
    if not _ABOUT_SELF.search(heard) and len(heard.split()) > 5:
        return None
    for feeling, pattern in _PATTERNS:
        for hit in pattern.finditer(heard):
            before = heard[: hit.start()]
            of_another = re.search(
                (
                    r"\b(?:my|his|her|their|the) (?:\w+ )?(?:is|was|are|were|'s|feels?|felt|looks?|got)(?: \w+)? $|"
                    r"\b(?:he|she|they|it|you)(?:'s|'re| is| are| was| were| feels?)? (?:\w+ )?$"
                ),
                before,
            )
            if not of_another or " me" in hit.group():
                return feeling
    return None


def subject_of(low: str) -> str | None:
    """What the message is about: the subject with the most words in it, the earlier in the list wins a tie."""
    counted = [
        (len(pattern.findall(low)), -place, subject) for place, (subject, pattern) in enumerate(_SUBJECT_PATTERNS)
    ]
    best = max(counted)
    return best[2] if best[0] else None


def subject_word(low: str, subject: str) -> str | None:
    """The user's word for the subject."""
    hit = next(pattern for name, pattern in _SUBJECT_PATTERNS if name == subject).search(low)
    return hit.group() if hit else None
