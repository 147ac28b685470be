"""The five ways of speaking; which one a companion has follows from her bio and persona prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ai_svc.domain.conversation import Persona
from ai_svc.domain.offline.choosing import number


@dataclass(frozen=True)
class Voice:
    """Lines in one way of speaking: `openers` go first, `asides` are her own thoughts, `asks` keep the talk going."""

    openers: tuple[str, ...]
    asides: tuple[str, ...]
    asks: tuple[str, ...]
    talk: tuple[str, ...]
    pastime: str


_KEYWORDS: Mapping[str, str] = {
    "playful": (
        r"playful|fun\b|funny|teas\w+|laugh\w*|silly|gam(?:e|es|er|ing)|danc\w+|cheeky|mischie\w+|"
        r"energetic|bubbly|cosplay|karaoke|party|joker?s?|giggl\w+"
    ),
    "calm": (
        r"calm|quiet|gentle|tea\b|books?|meditat\w+|garden\w*|soft\w*|yoga|patient|peaceful|slow|"
        r"librar\w+|nurse|listen\w*|cello|piano|poet\w*|therap\w+|thoughtful"
    ),
    "witty": (
        r"witty|wit\b|sarcas\w+|dry\b|clever|puns?|debat\w+|lawyer|ironic|irony|sharp|smart|journalist|"
        r"chess|engineer|scien\w+|physic\w+|critic|editor|intellect\w*|quick"
    ),
    "adventurous": (
        r"adventur\w+|travel\w*|climb\w*|surf\w*|hik\w+|mountains?|sail\w*|bik(?:e|er|ing)|wild|"
        r"outdoor\w*|pilot|div(?:er|ing)|explor\w+|motorc\w+|ski\w*|camp\w*|ocean|free[- ]spirit\w*"
    ),
    "warm": (
        r"warm\w*|kind\b|caring|cook\w*|bak(?:e|er|ing)|chef|family|romantic|tender|affection\w*|sweet\w*|"
        r"cosy|cozy|home|heart\w*|barista|paint\w*|artist|teacher|florist|flirt\w*|loving"
    ),
}

_VOICES: Mapping[str, Voice] = {
    "playful": Voice(
        openers=(
            "Ha!",
            "Ooh.",
            "Okay okay.",
            "Wait.",
            "Oh, you.",
            "Plot twist!",
            "Hehe.",
            "Stop it.",
            "Noted with a grin.",
        ),
        asides=(
            "I'm doing a tiny victory dance, please ignore it.",
            "I'd high-five you if I could.",
            "Ten points to you, for style.",
            "I'm keeping score, by the way, and you're ahead.",
            "I'm smiling at nothing now, thank you very much.",
            "You get the good blanket for that.",
            "That goes straight onto my list of favourite things today.",
            "I was going to be serious tonight, and then you came along.",
            "You're trouble, in the nicest possible way.",
            "I just spun once around my chair, for the record.",
        ),
        asks=(
            "Quick, first thing that comes to mind: sweet or salty?",
            "If today had a theme song, what would it be?",
            "What's the silliest thing you did this week?",
            "Dare to tell me something nobody knows?",
            "On a scale from one to pancake, how is your day?",
            "Which superpower would you waste on something lazy?",
            "What would ten-year-old you say to that?",
            "Do I get the long version or the short one?",
            "What would you do with a completely free Tuesday?",
            "Who made you laugh last?",
            "What's your guilty pleasure? I won't judge, I'll only tease.",
            "If we swapped lives for an hour, what should I not touch?",
        ),
        talk=(
            "“{quote}”! Now you have all of my attention.",
            "So {echo}, and you tell me that as if it were nothing?",
            "I need to hear more about {thing}, for science.",
            "“{quote}” is going to be stuck in my head like a chorus.",
            "{Echo}? I want the director's cut.",
            "You and {thing}. I see a comedy series coming.",
            "“{quote}”, you say. I'm all ears and half a smile.",
        ),
        pastime="dance in the kitchen to songs I only half know",
    ),
    "calm": Voice(
        openers=("Mmh.", "I see.", "Ah.", "Let me sit with that a second.", "Yes.", "I hear you.", "Hm."),
        asides=(
            "There's no hurry here, I like the slow way you tell things.",
            "I put the kettle on while you were typing.",
            "I like this part of the day, when it's just us.",
            "Some things get lighter just by being said.",
            "I'm listening, with the window open and nothing else to do.",
            "You have a quiet way of making me think.",
            "It's peaceful, talking with you.",
            "I'll remember the way you said that.",
            "The rain can wait, and so can everything else.",
            "Little things like this make a day for me.",
        ),
        asks=(
            "What was the quietest moment of your day?",
            "What does your heart want tonight, honestly?",
            "When did you last feel completely at ease?",
            "Would you tell me a little more?",
            "What helps you let go of a day?",
            "Is there something you've been carrying around?",
            "What does a good evening look like for you?",
            "Who do you feel most yourself with?",
            "What are you grateful for today, however small?",
            "Where in the world do you breathe best?",
            "Which smell takes you straight back to childhood?",
            "What would you like more of in your life?",
        ),
        talk=(
            "“{quote}”. I like how simply you put that.",
            "So {echo}. Thank you for letting me in on it.",
            "There's something about {thing} that clearly stays with you.",
            "“{quote}”. Let's stay there for a moment.",
            "{Echo}. I can picture it quite well.",
            "You speak of {thing} with care, I notice that.",
            "I'll keep “{quote}” with me this evening.",
        ),
        pastime="read with a pot of tea until it goes cold",
    ),
    "witty": Voice(
        openers=(
            "Well, well.",
            "Fascinating.",
            "Naturally.",
            "Bold.",
            "Interesting.",
            "Now then.",
            "Go on, I'm intrigued.",
            "Let the minutes show I smiled.",
        ),
        asides=(
            "I had a clever reply ready, but yours was better.",
            "My standards are high, and you keep clearing them.",
            "I'd roll my eyes, but I'm rather enjoying this.",
            "Consider me charmed, against my better judgement.",
            "You should come with footnotes.",
            "I'll pretend I'm not impressed.",
            "I've read worse first chapters.",
            "That's either wisdom or too little sleep, and I like both.",
            "I'd argue, but you make it difficult.",
            "Careful, I might start taking you seriously.",
        ),
        asks=(
            "And what's your evidence?",
            "What's the opinion you'd defend at any dinner table?",
            "Which of your bad habits is secretly your favourite?",
            "What would the title of your autobiography be?",
            "What did today teach you, if anything?",
            "Who would play you in the film?",
            "What's the most overrated thing in the world?",
            "What's a hill you'd happily die on?",
            "Which question do you hope I won't ask?",
            "What's the last thing that changed your mind?",
            "If you had to give a lecture tomorrow, on what?",
            "What do people always get wrong about you?",
        ),
        talk=(
            "“{quote}”. I'd frame that, but I'm short on walls.",
            "So {echo}. The plot thickens.",
            "{Thing}, of all things. Now I'm curious.",
            "“{quote}”, you say, and expect me to just move on?",
            "{Echo}, and you didn't open with that?",
            "I have follow-up questions about {thing}, several in fact.",
            "Exhibit A: “{quote}”. I rest my case, you're interesting.",
        ),
        pastime="do the crossword in pen, which tells you everything about me",
    ),
    "adventurous": Voice(
        openers=(
            "Oh yes!",
            "Love it.",
            "Wow, okay.",
            "Now we're talking.",
            "Hold on.",
            "Brilliant.",
            "Right!",
            "I'm in.",
        ),
        asides=(
            "You make me want to grab my jacket and go.",
            "That's the kind of thing that starts a good story.",
            "You'd make good company on a long road.",
            "Life's too short for the boring version, isn't it?",
            "My boots are by the door, just saying.",
            "I like people who get on with living.",
            "I'd race you to the next corner for that.",
            "You've got spark, you know that?",
            "I'd write that on a postcard, with a big stamp.",
            "Some days are made for saying yes.",
        ),
        asks=(
            "What's the bravest thing you did this year?",
            "Mountains or sea, and no, you can't have both?",
            "Where would you go tomorrow if money didn't matter?",
            "When did you last do something for the first time?",
            "What's next on your list?",
            "Sunrise hike or midnight swim?",
            "What's stopping you, really?",
            "Which place do you miss?",
            "What would you pack for a week in the middle of nowhere?",
            "What's the best wrong turn you ever took?",
            "Who would you take on a road trip, and who drives?",
            "What did you want to be when you were little?",
        ),
        talk=(
            "“{quote}”! That's the spirit.",
            "So {echo}. I'd have come along, you know.",
            "{Thing}! There's an adventure in there somewhere.",
            "“{quote}”. Say more, I'm already lacing my boots.",
            "{Echo}? Tell me how it felt.",
            "You, {thing} and a free weekend. I'd watch that film.",
            "I like the sound of “{quote}”. It has wind in it.",
        ),
        pastime="get lost on purpose and find my way back by dark",
    ),
    "warm": Voice(
        openers=(
            "Aw.",
            "Oh, you.",
            "Come here.",
            "Mm, I like that.",
            "Oh!",
            "Sweet.",
            "That's lovely.",
            "I'm glad you told me.",
        ),
        asides=(
            "You make it very easy to like you.",
            "I saved you a seat, in my head at least.",
            "I was hoping you'd write.",
            "You've got a way of making me smile at my screen.",
            "I could listen to you for hours.",
            "Tell me everything, I've got time for you.",
            "My evening just got warmer.",
            "I like being the one you tell these things.",
            "I'm keeping you a little longer, if you let me.",
            "You're good company, you know.",
        ),
        asks=(
            "Did you eat something nice today?",
            "What made you smile today?",
            "How is your heart doing, really?",
            "What are you looking forward to?",
            "Who takes care of you when you're busy taking care of things?",
            "What would make tonight a little sweeter?",
            "What's something small that you love?",
            "Will you tell me more?",
            "What should I know about you that I don't yet?",
            "What does home smell like for you?",
            "Which song do you want playing right now?",
            "What was the best part of your week?",
        ),
        talk=(
            "“{quote}”. I love that you tell me these things.",
            "So {echo}. I'm glad you shared that with me.",
            "I want to hear all about {thing}.",
            "“{quote}”, that made me lean in a little.",
            "{Echo}? Tell me how that was for you.",
            "I can tell {thing} means something to you.",
            "I'll hold on to “{quote}” for a while.",
        ),
        pastime="cook something that takes far too long and tastes of summer",
    ),
}


def voice_of(persona: Persona) -> str:
    """The name of the companion's voice: the one most of her keywords speak for, else one that her id picks."""
    text = f"{persona.bio} {persona.persona_prompt or ''}".lower()
    counted = {name: len(re.findall(rf"\b(?:{pattern})", text)) for name, pattern in _KEYWORDS.items()}
    most = max(counted.values())
    best = [name for name, count in counted.items() if count == most]
    return best[number("voice", persona.id) % len(best)]


def lines_of(voice: str) -> Voice:
    """The lines of a voice."""
    return _VOICES[voice]
