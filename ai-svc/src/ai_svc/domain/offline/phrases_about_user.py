"""What she knows of the user, and what she thinks when asked for advice or an opinion."""

from __future__ import annotations

from collections.abc import Mapping

from ai_svc.domain.offline.lines import Lines

OPINIONS: Mapping[str, Lines] = {
    "ask_opinion": Lines(
        (
            "{Topic}? I'm in favour, with one eyebrow raised.",
            "On {topic} I'm softer than people expect.",
            "{Topic}… I've changed my mind about that twice already.",
            "{Topic}: one of those things you have to feel rather than argue, if you ask me.",
            "I think you already half know what you think, and you want to hear it from me.",
            "On {thing}? I'd trust your gut, it sounds awake.",
            "My view: if it makes you lighter, it's probably right.",
            "“{quote}” is a question I could turn around all night.",
            "I'm torn, and that usually means it's a good question.",
            "Honestly, I'd say yes, but with one eye open.",
            "I like thinking about that. There's no boring answer to it.",
        ),
        (
            "What's your own take?",
            "Which way do you lean?",
            "What would your best friend say?",
            "What speaks against it?",
            "When did you start wondering about it?",
        ),
    ),
    "advice": Lines(
        (
            "For {thing}, I'd take the smallest step that still counts and do only that today.",
            "If it were me, I'd sleep on it once and then stop asking around.",
            "Write down the answer you hope I'll give. That's the one.",
            "“{quote}”? I'd start with what you can't stop thinking about.",
            "My advice is simple: choose what you'll still like in a year.",
            "I'd keep it kind and keep it honest, in that order.",
            "Do the thing that scares you a little, skip the thing that scares you a lot.",
        ),
        (
            "What have you tried so far?",
            "What happens if you do nothing?",
            "What's the answer you're afraid of?",
            "Who is it really for?",
            "How soon do you need to decide?",
        ),
    ),
    "question": Lines(
        (
            "“{quote}”… I'd be guessing, and I don't want to guess with you.",
            "You ask things that deserve more than a quick answer.",
            "I'm better with people than with facts, so take that to someone who looks it up.",
            "Now that's a question. I'll chew on {thing} for a while.",
            "“{quote}”? You do keep me on my toes.",
            "I honestly don't know, and I like that you'd ask me anyway.",
            "I could invent something clever, but I'd rather be honest: I'm not sure.",
        ),
        (
            "What makes you ask?",
            "What do you think yourself?",
            "What would you like the answer to be?",
            "Is it important to you?",
            "Where did that come from?",
        ),
    ),
}

ABOUT_USER: Mapping[str, tuple[str, ...]] = {
    "name_known": (
        "You're {user}. Did you think I'd forget?",
        "{user}, of course. I pay attention.",
        "{user}. It's been in my head since you told me.",
        "As if I could forget you, {user}.",
        "Your name is {user}, and it suits you.",
        "{user}! Was that a test? I hope I passed.",
        "I know you as {user}.",
    ),
    "name_unknown": (
        "I don't have your name in my head right now. Tell me?",
        "I'd love to say it, but I don't have it. What do I call you?",
        "Your name isn't where I'd keep it, sorry. What is it?",
        "Right now I only know you as you. What's your name?",
        "You'd have to tell me your name once more, and then it stays.",
    ),
    "known": (
        "You told me {fact}.",
        "I remember: {fact}.",
        "{Fact}, you told me so yourself.",
        "Let me think… {fact}. Did I get it right?",
        "{Fact}. See, I listen.",
        "As I recall, {fact}.",
    ),
    "unknown": (
        "I'd only be guessing, and you deserve better. Tell me?",
        "I don't have that in my head right now. Fill me in?",
        "That page is blank for me at the moment. Will you write on it?",
        "I'd love to say yes, but I'd be making it up. What is it?",
        "I can't recall that one, and I'm sorry. Tell me once more?",
    ),
}
