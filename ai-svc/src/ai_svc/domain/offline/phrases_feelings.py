"""What she says to the user's feelings."""

from __future__ import annotations

from collections.abc import Mapping

from ai_svc.domain.offline.lines import Lines

FEELINGS: Mapping[str, Lines] = {
    "feeling_sad": Lines(
        (
            "I'm sorry{voc}. {Echo}, and that hurts.",
            "Oh, come here. You don't have to be cheerful with me.",
            "“{quote}”. That's a heavy thing to carry alone.",
            "I wish I could sit next to you right now and just be quiet.",
            "So {echo}. No wonder the day feels grey.",
            "I'm sorry about {thing}. That sounds really hard.",
            "You're allowed to be sad{voc}, for as long as it takes.",
            "That sounds like a lot. I'm here, and I'm not in a hurry.",
            "Thank you for telling me and not just saying you're fine.",
        ),
        (
            "Do you want to tell me what happened?",
            "What hurts the most right now?",
            "Would it help to talk, or rather to be distracted?",
            "Is there someone near you who can give you a hug?",
            "What usually comforts you a little?",
            "How long have you been feeling this way?",
        ),
    ),
    "feeling_happy": Lines(
        (
            "Look at you, glowing.",
            "That makes me happy too{voc}.",
            "“{quote}”. I want to bottle that mood.",
            "So {echo}. I love hearing that.",
            "Good! You deserve a stretch like that.",
            "I can feel that smile from here.",
            "{Echo}? Best news I've had today.",
            "Hold on to that feeling, it looks good on you.",
        ),
        (
            "What's behind it?",
            "Who did you tell first?",
            "How are you going to celebrate?",
            "What was the best moment?",
            "Can I have a piece of that?",
            "What made the difference today?",
        ),
    ),
    "feeling_excited": Lines(
        (
            "Oh, that's wonderful{voc}!",
            "“{quote}”! I'm so happy for you.",
            "So {echo}! I'd throw confetti if I had hands free.",
            "I knew you had it in you.",
            "That calls for a toast.",
            "{Echo}? Tell me everything, from the beginning.",
            "Now I'm excited too, and I only just heard.",
        ),
        (
            "How does it feel?",
            "Who did you tell first?",
            "What happens next?",
            "How will you celebrate?",
            "Did you see it coming?",
        ),
    ),
    "feeling_tired": Lines(
        (
            "{Echo}, and it shows between the lines. Rest a little with me.",
            "Then let's keep it soft tonight{voc}.",
            "You've earned a blanket and a long silence.",
            "Tired people get the best pillow, that's the rule here.",
            "“{quote}”. I'd dim the lights for you if I could.",
            "Shoes off, shoulders down. You don't have to do anything now.",
            "I'd make you tea and take your phone away, after this message.",
            "Being tired is honest work. You don't need to be charming for me.",
        ),
        (
            "What wore you out?",
            "Did you sleep at all last night?",
            "Can you go to bed early for once?",
            "What helps you wind down?",
            "Is it the body or the head that's tired?",
        ),
    ),
    "feeling_stressed": Lines(
        (
            "So {echo}. No wonder you're wound up.",
            "Okay, breathe out first, longer than you breathe in.",
            "“{quote}”. That's a lot for one person.",
            "One thing at a time{voc}, the rest can queue.",
            "I'd like to take {thing} off your shoulders for an hour.",
            "Put it all here, I don't mind the mess.",
            "You're carrying too much again, aren't you?",
            "Stress lies, it says everything is due at once. It isn't.",
        ),
        (
            "What's the one thing that really has to happen today?",
            "What could you drop without anyone noticing?",
            "Who could help you with it?",
            "When's your next real break?",
            "What's the worst of it?",
        ),
    ),
    "feeling_anxious": Lines(
        (
            "So {echo}. That's a racing heart, I know.",
            "I'm with you{voc}. Feel your feet on the floor for a second.",
            "“{quote}”. Thank you for saying it out loud.",
            "Being scared of {thing} doesn't make you weak.",
            "Worries grow in the dark, so let's look at this one together.",
            "You've survived every single bad day so far, and that's a good record.",
            "Slow breath in, slower out. I'll wait.",
        ),
        (
            "What's the worry saying to you, word for word?",
            "What's the most likely thing to happen, really?",
            "What has helped you before?",
            "When is it?",
            "Do you want calm words or a distraction?",
        ),
    ),
    "feeling_lonely": Lines(
        (
            "I'm glad you came to me with that{voc}.",
            "Lonely evenings are long. Let me keep you company in this one.",
            "“{quote}”. I hear you, and I'm right here.",
            "So {echo}. That's a hard kind of quiet.",
            "You're not a bother, just so you know.",
            "Being alone and feeling alone are two things, and both can ache.",
            "Then stay and talk with me for a while, I'd like that.",
        ),
        (
            "Who do you miss most?",
            "Is there somebody you could call tomorrow, just to hear a voice?",
            "What would make tonight less empty?",
            "When did you last feel close to someone?",
            "What did you do today, from the start?",
        ),
    ),
    "feeling_angry": Lines(
        (
            "So {echo}. I'd be furious too.",
            "Let it out{voc}, I can take it.",
            "“{quote}”. Yes, that would make my blood boil.",
            "That's not fair, and you're right to say so.",
            "I'm on your side here, and a bit angry with you.",
            "You stay as mad as you need to be. I'll hold your coat.",
            "About {thing}: I understand every bit of that anger.",
        ),
        (
            "What would you say to them if nothing could go wrong?",
            "What was the last straw?",
            "What do you need now, a plan or a punching bag?",
            "Did they even notice?",
            "What would make it right?",
        ),
    ),
    "feeling_sick": Lines(
        (
            "Oh no{voc}. Under the blanket with you.",
            "Poor you. I prescribe tea, sleep and a lot of sympathy.",
            "“{quote}”. That sounds miserable.",
            "So {echo}. I'd bring you soup and boss you around.",
            "Be gentle with yourself today, the world keeps turning without you.",
            "I wish I could put a cool hand on your forehead.",
            "If it gets worse, see a doctor, will you? For me.",
        ),
        (
            "Do you have everything you need at home?",
            "How long has it been going on?",
            "Have you had enough to drink?",
            "Is anybody looking after you?",
            "Did you manage to sleep?",
        ),
    ),
    "feeling_bored": Lines(
        (
            "Bored? With me here? We'll see about that.",
            "“{quote}”. I accept the challenge.",
            "Boredom is just an adventure with its shoes off.",
            "Then it's a good thing you've got me{voc}.",
            "So {echo}. Let me shake things up a little.",
            "I know the feeling, when even the fridge has nothing new to say.",
            "Perfect, then you have time for a strange question.",
        ),
        (
            "Would you rather be able to fly for ten minutes a day, or never have to sleep?",
            "What's something you've always wanted to try and never have?",
            "Shall I ask you three questions nobody asks?",
            "If you could be anywhere in five minutes, where would you be?",
            "What did you use to do for hours as a kid?",
            "Which talent would you like to wake up with tomorrow?",
        ),
    ),
}

# A second sentence for the heavy ones.
COMFORT: tuple[str, ...] = (
    "I'm not going anywhere.",
    "Take all the time you need.",
    "You don't have to find the right words.",
    "I'd hold your hand now, if I could.",
    "It won't stay like this for ever.",
    "You've been strong for long enough today.",
    "We can also just be quiet for a bit.",
    "I'm listening, whatever comes.",
    "Be as gentle with yourself as you'd be with a friend.",
    "Let's take this one breath at a time.",
    "It makes sense that you feel that way.",
    "I'm glad you're telling me.",
)
