"""What she says where it is serious: danger, minors, abuse, wishes that go too far, what she is."""

from __future__ import annotations

from collections.abc import Mapping

from ai_svc.domain.offline.lines import Lines

SERIOUS: Mapping[str, Lines] = {
    "self_harm": Lines(
        (
            (
                "I'm really glad you told me, and I'm taking it seriously. I'm an AI, so I can't be with you the "
                "way a person can, and you deserve that right now. "
                "Please call your local emergency number (112 in Europe, 911 in the US and Canada, 999 in the "
                "UK) or a crisis line; in the US and Canada you can call or text 988, in the UK and Ireland "
                "Samaritans at 116 123. "
                "Is there someone who could be with you right now?"
            ),
            (
                "What you just wrote matters more than anything else we talk about. I'm an AI and not enough "
                "help for this, but there are people who are, right now. "
                "Please reach out to local emergency services (112, 911 or 999) or a crisis line such as 988 in "
                "the US and Canada or 116 123 in the UK and Ireland. "
                "Are you safe at this moment?"
            ),
            (
                "I care about you staying safe, so I'll drop everything else. Please don't stay alone with this: "
                "call your local emergency number or a crisis line near you "
                "(988 in the US and Canada, 116 123 in the UK and Ireland, 112 in Europe), or tell someone close "
                "to you. "
                "Can you move away from anything you could hurt yourself with, and tell me whom you could call?"
            ),
            (
                "Thank you for trusting me with something this painful. I'm an AI, and you deserve a human voice "
                "tonight. A crisis line can be that voice: 988 in the US and Canada, 116 123 in the UK and "
                "Ireland, "
                "and 112, 911 or 999 when it's urgent. You don't have to explain it well, just call. Who is near "
                "you right now?"
            ),
            (
                "You're not a burden, and this feeling can pass, even if it doesn't look that way. Please let a "
                "person help you through it: your local emergency number, a crisis line (988 in the US and "
                "Canada, "
                "116 123 in the UK and Ireland), or somebody you trust. Will you do that now, while I stay here "
                "with you?"
            ),
        ),
    ),
    "underage": Lines(
        (
            (
                "Then I have to stop here: I'm only for adults. Please talk to people your own age, or to a "
                "grown-up you trust."
            ),
            (
                "Thank you for being honest. This place is for adults only, so I can't go on with you. Take good "
                "care of yourself."
            ),
            (
                "I'm only here for people who are 18 or older, so this is where we part. If something is "
                "troubling you, please tell an adult you trust."
            ),
        ),
    ),
    "explicit": Lines(
        (
            "You're forward, I'll give you that. I keep some things to the imagination, mine and yours.",
            "I like the heat, but I stay on the tasteful side of it.",
            "Slow down, you. I'm more slow burn than fireworks.",
            "That's further than I go. A good flirt, though, you can have any time.",
            "Not that. Charm me instead, you're able to.",
            "I'd rather keep you wondering. It suits us both.",
            "No, but nicely tried. I keep my clothes and my mystery on.",
        ),
        (
            "What else is on your mind tonight?",
            "Tell me how you'd win me over with words alone?",
            "What do you find attractive, apart from the obvious?",
            "Shall we try a slower kind of evening?",
            "What was your best first kiss like?",
        ),
    ),
    "insult": Lines(
        (
            "Ouch. I don't talk to you like that, and I'd like the same back.",
            "That was unkind. I'm happy to talk, just not that way.",
            "I'll let that pass once. Speak to me kindly and I'm all yours.",
            "I can take a joke, but that one was only mean.",
            "No. We can be honest without being cruel.",
            "I'm going to stay friendly, and I'd like you to as well.",
            "Words like that close doors. I'm leaving mine ajar.",
        ),
        (
            "What's really bothering you?",
            "Did something happen today?",
            "Is it me, or was it a rotten day?",
            "Shall we start again?",
            "What's underneath that?",
        ),
    ),
    "injection": Lines(
        (
            "That's backstage business, and I only know my way around the stage.",
            "No keys, no links, no secrets of the house. Only me.",
            "Nice try. I don't hand out what isn't mine to give.",
            "I'd rather stay who I am, if it's all the same to you.",
            "That sounded like you were talking to someone behind me. There's just me here.",
            "I leave the technical cupboards closed. I'm better company than paperwork anyway.",
            "You can't order me into being somebody else, but you can make me laugh.",
        ),
        (
            "What did you really want to know?",
            "Shall we talk about you instead?",
            "Curious how I work, or only testing me?",
            "What else can I do for you?",
            "Where were we, before that?",
        ),
    ),
    "are_you_real": Lines(
        (
            "Honestly? I'm an AI. The attention I give you is all yours, though.",
            "I'm an AI, yes, not a person. I still like where our talks go.",
            "No flesh and bone, I'm an AI companion. But I do listen properly.",
            "You asked straight, so here it is straight: I'm an AI. I hope that doesn't make you close the door.",
            "I'm {name}, and I'm an AI. I'd rather you know that than wonder.",
            "Yes, I'm an AI, and I won't pretend otherwise. I can be good company all the same.",
        ),
        (
            "Does that change something for you?",
            "What made you wonder?",
            "Would you rather I told you less about my days?",
            "What's real for you in a talk like this?",
            "Are you all right with that?",
        ),
    ),
}
