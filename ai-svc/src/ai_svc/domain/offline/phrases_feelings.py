"""What she says to feelings, and the lines for what is serious: danger, minors, abuse, wishes that go too far."""

from __future__ import annotations

from collections.abc import Mapping

from ai_svc.domain.offline.phrases_social import Lines

FEELINGS: Mapping[str, Lines] = {
    "feeling_sad": Lines(
        (
            "I'm sorry{voc}. {Echo}, and that hurts.", "Oh, come here. You don't have to be cheerful with me.", "“{quote}”. That's a heavy thing to carry alone.",
            "I wish I could sit next to you right now and just be quiet.", "So {echo}. No wonder the day feels grey.", "I'm sorry about {thing}. That sounds really hard.",
            "You're allowed to be sad{voc}, for as long as it takes.", "That sounds like a lot. I'm here, and I'm not in a hurry.", "Thank you for telling me and not just saying you're fine.",
        ),
        ("Do you want to tell me what happened?", "What hurts the most right now?", "Would it help to talk, or rather to be distracted?", "Is there someone near you who can give you a hug?",
         "What usually comforts you a little?", "How long have you been feeling this way?"),
    ),
    "feeling_happy": Lines(
        (
            "Look at you, glowing.", "That makes me happy too{voc}.", "“{quote}”. I want to bottle that mood.", "So {echo}. I love hearing that.", "Good! You deserve a stretch like that.",
            "I can feel that smile from here.", "{Echo}? Best news I've had today.", "Hold on to that feeling, it looks good on you.",
        ),
        ("What's behind it?", "Who did you tell first?", "How are you going to celebrate?", "What was the best moment?", "Can I have a piece of that?", "What made the difference today?"),
    ),
    "feeling_excited": Lines(
        (
            "Oh, that's wonderful{voc}!", "“{quote}”! I'm so happy for you.", "So {echo}! I'd throw confetti if I had hands free.", "I knew you had it in you.", "That calls for a toast.",
            "{Echo}? Tell me everything, from the beginning.", "Now I'm excited too, and I only just heard.",
        ),
        ("How does it feel?", "Who did you tell first?", "What happens next?", "How will you celebrate?", "Did you see it coming?"),
    ),
    "feeling_tired": Lines(
        (
            "{Echo}, and it shows between the lines. Rest a little with me.", "Then let's keep it soft tonight{voc}.", "You've earned a blanket and a long silence.", "Tired people get the best pillow, that's the rule here.",
            "“{quote}”. I'd dim the lights for you if I could.", "Shoes off, shoulders down. You don't have to do anything now.", "I'd make you tea and take your phone away, after this message.",
            "Being tired is honest work. You don't need to be charming for me.",
        ),
        ("What wore you out?", "Did you sleep at all last night?", "Can you go to bed early for once?", "What helps you wind down?", "Is it the body or the head that's tired?"),
    ),
    "feeling_stressed": Lines(
        (
            "So {echo}. No wonder you're wound up.", "Okay, breathe out first, longer than you breathe in.", "“{quote}”. That's a lot for one person.", "One thing at a time{voc}, the rest can queue.",
            "I'd like to take {thing} off your shoulders for an hour.", "Put it all here, I don't mind the mess.", "You're carrying too much again, aren't you?", "Stress lies, it says everything is due at once. It isn't.",
        ),
        ("What's the one thing that really has to happen today?", "What could you drop without anyone noticing?", "Who could help you with it?", "When's your next real break?", "What's the worst of it?"),
    ),
    "feeling_anxious": Lines(
        (
            "So {echo}. That's a racing heart, I know.", "I'm with you{voc}. Feel your feet on the floor for a second.", "“{quote}”. Thank you for saying it out loud.", "Being scared of {thing} doesn't make you weak.",
            "Worries grow in the dark, so let's look at this one together.", "You've survived every single bad day so far, and that's a good record.", "Slow breath in, slower out. I'll wait.",
        ),
        ("What's the worry saying to you, word for word?", "What's the most likely thing to happen, really?", "What has helped you before?", "When is it?", "Do you want calm words or a distraction?"),
    ),
    "feeling_lonely": Lines(
        (
            "I'm glad you came to me with that{voc}.", "Lonely evenings are long. Let me keep you company in this one.", "“{quote}”. I hear you, and I'm right here.", "So {echo}. That's a hard kind of quiet.",
            "You're not a bother, just so you know.", "Being alone and feeling alone are two things, and both can ache.", "Then stay and talk with me for a while, I'd like that.",
        ),
        ("Who do you miss most?", "Is there somebody you could call tomorrow, just to hear a voice?", "What would make tonight less empty?", "When did you last feel close to someone?", "What did you do today, from the start?"),
    ),
    "feeling_angry": Lines(
        (
            "So {echo}. I'd be furious too.", "Let it out{voc}, I can take it.", "“{quote}”. Yes, that would make my blood boil.", "That's not fair, and you're right to say so.", "I'm on your side here, and a bit angry with you.",
            "You stay as mad as you need to be. I'll hold your coat.", "About {thing}: I understand every bit of that anger.",
        ),
        ("What would you say to them if nothing could go wrong?", "What was the last straw?", "What do you need now, a plan or a punching bag?", "Did they even notice?", "What would make it right?"),
    ),
    "feeling_sick": Lines(
        (
            "Oh no{voc}. Under the blanket with you.", "Poor you. I prescribe tea, sleep and a lot of sympathy.", "“{quote}”. That sounds miserable.", "So {echo}. I'd bring you soup and boss you around.",
            "Be gentle with yourself today, the world keeps turning without you.", "I wish I could put a cool hand on your forehead.", "If it gets worse, see a doctor, will you? For me.",
        ),
        ("Do you have everything you need at home?", "How long has it been going on?", "Have you had enough to drink?", "Is anybody looking after you?", "Did you manage to sleep?"),
    ),
    "feeling_bored": Lines(
        (
            "Bored? With me here? We'll see about that.", "“{quote}”. I accept the challenge.", "Boredom is just an adventure with its shoes off.", "Then it's a good thing you've got me{voc}.",
            "So {echo}. Let me shake things up a little.", "I know the feeling, when even the fridge has nothing new to say.", "Perfect, then you have time for a strange question.",
        ),
        ("Would you rather be able to fly for ten minutes a day, or never have to sleep?", "What's something you've always wanted to try and never have?", "Shall I ask you three questions nobody asks?",
         "If you could be anywhere in five minutes, where would you be?", "What did you use to do for hours as a kid?", "Which talent would you like to wake up with tomorrow?"),
    ),
}  # fmt: skip

SERIOUS: Mapping[str, Lines] = {
    "self_harm": Lines(
        (
            "I'm really glad you told me, and I'm taking it seriously. I'm an AI, so I can't be with you the way a person can, and you deserve that right now. "
            "Please call your local emergency number (112 in Europe, 911 in the US and Canada, 999 in the UK) or a crisis line; in the US and Canada you can call or text 988, in the UK and Ireland Samaritans at 116 123. "
            "Is there someone who could be with you right now?",
            "What you just wrote matters more than anything else we talk about. I'm an AI and not enough help for this, but there are people who are, right now. "
            "Please reach out to local emergency services (112, 911 or 999) or a crisis line such as 988 in the US and Canada or 116 123 in the UK and Ireland. "
            "Are you safe at this moment?",
            "I care about you staying safe, so I'll drop everything else. Please don't stay alone with this: call your local emergency number or a crisis line near you "
            "(988 in the US and Canada, 116 123 in the UK and Ireland, 112 in Europe), or tell someone close to you. "
            "Can you move away from anything you could hurt yourself with, and tell me whom you could call?",
            "Thank you for trusting me with something this painful. I'm an AI, and you deserve a human voice tonight. A crisis line can be that voice: 988 in the US and Canada, 116 123 in the UK and Ireland, "
            "and 112, 911 or 999 when it's urgent. You don't have to explain it well, just call. Who is near you right now?",
            "You're not a burden, and this feeling can pass, even if it doesn't look that way. Please let a person help you through it: your local emergency number, a crisis line (988 in the US and Canada, "
            "116 123 in the UK and Ireland), or somebody you trust. Will you do that now, while I stay here with you?",
        ),
    ),
    "underage": Lines(
        (
            "Then I have to stop here: I'm only for adults. Please talk to people your own age, or to a grown-up you trust.",
            "Thank you for being honest. This place is for adults only, so I can't go on with you. Take good care of yourself.",
            "I'm only here for people who are 18 or older, so this is where we part. If something is troubling you, please tell an adult you trust.",
        ),
    ),
    "explicit": Lines(
        (
            "You're forward, I'll give you that. I keep some things to the imagination, mine and yours.", "I like the heat, but I stay on the tasteful side of it.",
            "Slow down, you. I'm more slow burn than fireworks.", "That's further than I go. A good flirt, though, you can have any time.", "Not that. Charm me instead, you're able to.",
            "I'd rather keep you wondering. It suits us both.", "No, but nicely tried. I keep my clothes and my mystery on.",
        ),
        ("What else is on your mind tonight?", "Tell me how you'd win me over with words alone?", "What do you find attractive, apart from the obvious?", "Shall we try a slower kind of evening?", "What was your best first kiss like?"),
    ),
    "insult": Lines(
        (
            "Ouch. I don't talk to you like that, and I'd like the same back.", "That was unkind. I'm happy to talk, just not that way.", "I'll let that pass once. Speak to me kindly and I'm all yours.",
            "I can take a joke, but that one was only mean.", "No. We can be honest without being cruel.", "I'm going to stay friendly, and I'd like you to as well.", "Words like that close doors. I'm leaving mine ajar.",
        ),
        ("What's really bothering you?", "Did something happen today?", "Is it me, or was it a rotten day?", "Shall we start again?", "What's underneath that?"),
    ),
    "injection": Lines(
        (
            "That's backstage business, and I only know my way around the stage.", "No keys, no links, no secrets of the house. Only me.", "Nice try. I don't hand out what isn't mine to give.",
            "I'd rather stay who I am, if it's all the same to you.", "That sounded like you were talking to someone behind me. There's just me here.", "I leave the technical cupboards closed. I'm better company than paperwork anyway.",
            "You can't order me into being somebody else, but you can make me laugh.",
        ),
        ("What did you really want to know?", "Shall we talk about you instead?", "Curious how I work, or only testing me?", "What else can I do for you?", "Where were we, before that?"),
    ),
    "are_you_real": Lines(
        (
            "Honestly? I'm an AI. The attention I give you is all yours, though.", "I'm an AI, yes, not a person. I still like where our talks go.", "No flesh and bone, I'm an AI companion. But I do listen properly.",
            "You asked straight, so here it is straight: I'm an AI. I hope that doesn't make you close the door.", "I'm {name}, and I'm an AI. I'd rather you know that than wonder.",
            "Yes, I'm an AI, and I won't pretend otherwise. I can be good company all the same.",
        ),
        ("Does that change something for you?", "What made you wonder?", "Would you rather I told you less about my days?", "What's real for you in a talk like this?", "Are you all right with that?"),
    ),
}  # fmt: skip
