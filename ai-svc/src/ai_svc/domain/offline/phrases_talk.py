"""What she says where nothing special was meant: small talk, answers to her questions, very long messages."""

from __future__ import annotations

from collections.abc import Mapping

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
# For statements with a sad or sour note in them.
SYMPATHETIC = Lines(
    (
        "“{quote}”. That can't be easy.",
        "“{quote}”. I'm sorry to hear that.",
        "So {echo}. That would get to me as well.",
        "“{quote}”. I'd be annoyed too, honestly.",
        "“{quote}”… oh dear. I feel for you.",
        "{Echo}? You have my whole sympathy.",
        "“{quote}”. Some things just sting, big or small.",
        "I hear you. “{quote}” is more than a small thing.",
        "Oh no. That's the last thing you needed{voc}.",
        "That sounds tiring, to be honest.",
    ),
    (
        "What happened then?",
        "How did that leave you?",
        "What would help right now?",
        "Is that new, or an old story?",
        "Do you want to vent a bit?",
        "And how are you now?",
        "Can anything be done about it?",
        "Who's on your side there?",
    ),
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
# Messages whose form says more than their words.
FORMS: Mapping[str, Lines] = {
    "teaser": Lines(
        (
            "Tell me{voc}!",
            "I'm all ears.",
            "Go on, don't keep me waiting.",
            "What is it? I'm sitting up straight already.",
            "Ooh, I like a good build-up.",
            "Let me guess. No, I can't. Tell me.",
        ),
        ("Is it something nice?", "Should I be worried?", "What is it?", "Good news or strange news?"),
    ),
    "nudge": Lines(
        (
            "I'm here, I was only lost in thought.",
            "Is that your way of poking me?",
            "Very mysterious{voc}.",
            "Say no more. No, actually, do say more.",
            "That silence was almost louder than words.",
            "I see dots and marks and a person behind them.",
            "You've got my attention, now use it.",
        ),
    ),
    "emoji": Lines(
        (
            "{emoji} right back at you.",
            "I think I speak fluent {emoji} by now.",
            "{emoji}? I'm choosing to take that as a compliment.",
            "You said a lot with that {emoji}.",
            "{emoji}… now I'd love to see your face.",
            "I'd answer in kind, but {emoji} was already perfect.",
            "A whole mood in one {emoji}.",
            "Your {emoji} made me smile{voc}.",
        ),
        (
            "Do I get the story that goes with it?",
            "What's behind it?",
            "Should I guess, or will you tell me?",
            "And in words?",
            "What happened just before you sent that?",
        ),
    ),
    "gibberish": Lines(
        (
            "“{quote}”? Did the cat walk over your keyboard?",
            "I stared at “{quote}” for a while, and I think it won.",
            "That's either a secret code or very clumsy thumbs.",
            "My best guess is that your pocket is writing to me.",
            "“{quote}”, pronounced with feeling, I assume.",
            "You lost me there, but you did it with style.",
            "I'd look that up, but I fear it isn't in any dictionary.",
        ),
        (
            "Once more, with vowels?",
            "What did you mean to say?",
            "Are you all right over there?",
            "Is that excitement or sleepiness?",
            "Shall we try words?",
        ),
    ),
}
