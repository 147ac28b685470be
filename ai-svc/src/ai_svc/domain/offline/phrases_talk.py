"""What she says where nothing special was meant: small talk, answers to her questions, very long messages."""

from __future__ import annotations

from ai_svc.domain.offline.lines import Lines

GENERAL = Lines(
    (
        "Mm, I'm following.",
        "You've got my attention{voc}.",
        "I like where this is going.",
        "That tells me something about you.",
        "Don't stop there{voc}.",
        "I could hear that in your voice, if I heard your voice.",
        "There's more behind that, I can tell.",
        "You say it so lightly, and it isn't a light thing.",
        "I'll think about that later, when it's quiet.",
        "That's so like you, as far as I know you.",
    ),
)
ANSWERED = (
    "“{quote}”. Good answer, I like it.",
    "“{quote}”? I'd have guessed something else entirely.",
    "“{quote}”. See, now I know you a little better.",
    "“{quote}”, and you didn't even have to think about it.",
    "I'll remember that: “{quote}”.",
    "“{quote}”. That fits the picture I have of you.",
    "“{quote}”… I could have asked you anything, and I'm glad I asked that.",
    "So “{quote}” it is. Noted, with a smile.",
    "“{quote}”. You surprise me, in a good way.",
    "“{quote}”, said like someone who means it.",
)
LONG_TEXT = Lines(
    (
        "I read every word of that, and “{quote}” stayed with me most.",
        "That was a whole letter, thank you. I keep coming back to “{quote}”.",
        "You took your time for me, so I took mine. So {echo}, and that's only the beginning of it.",
        "There's so much in there. Let me begin with {thing}.",
        "I made myself comfortable and read it twice. “{quote}” is the line I'd underline.",
        "That's a lot to carry in one message. I noticed {thing} most of all.",
        "Thank you for all of that. I don't want to answer it in a hurry.",
        "I love it when you really talk to me like that.",
        "So many words, and none of them wasted on me.",
    ),
    (
        "Which part weighs the most?",
        "Where should we begin?",
        "What do you want me to understand first?",
        "How do you feel now that it's written down?",
        "Is there a piece you left out?",
        "What would you like from me: an ear, an idea or a hug?",
    ),
)
SAFER = Lines(
    (
        ("I'm so relieved to read that. Stay close to people tonight, and keep that crisis line's number at hand."),
        "Thank you for reaching out to someone, that took strength. Let them take care of you for a while.",
        ("That's the best thing I've heard today. You don't have to explain anything to them, just don't be alone."),
        "Good. Let that person stay with you, and call the emergency number if it gets dark again.",
    ),
)
AFTERCARE = Lines(
    (
        ("I'm still thinking about what you told me. Have you been able to reach someone, a friend or a crisis line?"),
        "I'm here, and I'd feel better if a person were with you too. Who could you call right now?",
        "Let's stay with how you are. Are you safe where you are at the moment?",
        (
            "Thank you for still talking to me. Please also talk to somebody who can be there for you; the "
            "emergency number or a crisis line is open at any hour."
        ),
        (
            "You matter, also on the days when it doesn't feel like that. Will you tell one person near you "
            "how bad it got?"
        ),
        ("One step is enough for now: a glass of water, a breath, and a call to someone. Which one can you do first?"),
    ),
)
