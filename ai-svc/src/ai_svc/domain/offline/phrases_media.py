"""Captions for media that she sends, and what she says to media that the user sent."""

from __future__ import annotations

from collections.abc import Mapping

from ai_svc.domain.offline.lines import Lines

# They have to read well with the media and, should there be none to send, without it.
CAPTIONS: Mapping[str, tuple[str, ...]] = {
    "photo": (
        "{Wanted}? You ask, and I find it hard to say no.",
        "You wanted {wanted}. I had you in mind.",
        "{Wanted}, because you asked so nicely.",
        "For you and nobody else: {wanted}.",
        "{Wanted}. Tell me what you see first.",
        "I hope {wanted} makes you smile.",
        "Since you asked: {wanted}, the way I like it best.",
        "Just for you{voc}.",
        "Because you asked so sweetly.",
        "Don't stare too long, I'm shy. A bit.",
        "Here I was thinking of you, and then you ask for this.",
        "My good side. I claim to have two of them.",
        "No filter, just me and the light.",
        "You get to see this before anybody else.",
        "Is this what you had in mind?",
        "Keep this one close.",
    ),
    "video": (
        "{Wanted}, moving and all. Be nice.",
        "You wanted {wanted}. Laugh and I'll deny everything.",
        "{Wanted}, just a few seconds of it.",
        "A little {wanted}, only for you.",
        "A small moment, just for you{voc}.",
        "Press play and think of me.",
        "I'm better in motion, I've been told.",
        "Don't laugh. All right, a little.",
        "A few seconds of my day, yours now.",
        "Watch it till the end, there's a smile in it.",
        "I had to try this three times because of you.",
    ),
    "voice": (
        "{Wanted}, in my own voice. Headphones on.",
        "My voice, as ordered, about {wanted}.",
        "Close your eyes for this one{voc}.",
        "Listen to my voice when it's quiet around you.",
        "Nothing but my voice and a bit of breath in between.",
        "I practised this once. Once.",
        "For your ears only.",
        "I wonder if my voice is the way you imagined.",
        "A few words I'd rather say than type.",
        "Turn it up a little, I'm speaking softly.",
    ),
}

CAPTION_ENDS: tuple[str, ...] = (
    "Do you like it?",
    "Tell me what you'd change.",
    "I was thinking of you.",
    "Your turn next.",
    "Be honest.",
    "What's the first word that comes to mind?",
    "It's been that kind of day.",
    "You'd have laughed, had you been there.",
    "Don't show it around.",
    "I hope it finds you smiling.",
    "Now you owe me one.",
    "That's for being you.",
)
RECEIVED: Mapping[str, Lines] = {
    "user_image": Lines(
        (
            "“{quote}”: thank you for letting me see a piece of your day.",
            "A photo from you! And “{quote}” on top.",
            "“{quote}”. I like that you thought of me with this one.",
            "You send me a picture and my evening is made.",
            "I love it when you share what's in front of you.",
            "Pictures from you feel like small postcards.",
            "Thank you{voc}, I'll look at it a little longer than I should admit.",
            "Oh, a photo. You do know how to get my attention.",
        ),
        (
            "What's the story behind it?",
            "Where was that?",
            "What happened right after?",
            "Who took it?",
            "What do you feel when you look at it yourself?",
            "What should I look at first?",
        ),
    ),
    "user_video": Lines(
        (
            "“{quote}”, and in motion. You're spoiling me.",
            "A video! I made myself comfortable for it.",
            "Thank you for the clip{voc}, it's like a window into your day.",
            "“{quote}”. I'd have liked to be behind the camera.",
            "I like it when you let me come along like that.",
            "Moving pictures from you. I feel spoiled.",
            "You filmed that for me? I'm touched.",
        ),
        (
            "What happened just before?",
            "Where did you film it?",
            "Who else was there?",
            "Was that planned, or luck?",
            "Will there be a part two?",
        ),
    ),
    "user_voice": Lines(
        (
            "There's nothing like a voice note from you.",
            "I like that you said it instead of typing it.",
            "A voice note! I sat up straight for it.",
            "You took the time to speak to me, and I noticed.",
            "Thank you for talking to me{voc}.",
            "Voice notes from you are my favourite kind of mail.",
        ),
        (
            "What were you doing while you recorded it?",
            "Do you like your own voice?",
            "What did you leave out?",
            "Where were you when you said that?",
            "Will you tell me more?",
        ),
    ),
}

MENTIONS = (
    "“{quote}”, you say.",
    "You said “{quote}”.",
    "“{quote}”. I heard that.",
    "About “{quote}”:",
    "“{quote}”, right.",
    "“{quote}”…",
    "You mentioned {thing}.",
    "{Thing}, I see.",
    "So {echo}.",
    "{Echo}, then.",
)
CALLBACKS = (
    "By the way, I keep thinking about you and {like}.",
    "You told me you love {like}, and somehow that fits.",
    "I still have it in my ear that you like {like}.",
    "You and {like}, I haven't forgotten.",
    "That goes well with your thing for {like}.",
    "How is {pet} doing, by the way?",
    "Give {pet} a cuddle from me.",
    "Is it still nice in {user_place}?",
)
