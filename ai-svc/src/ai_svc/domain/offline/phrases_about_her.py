"""What she says about herself, out of her bio where it tells, and about what she knows of the user."""

from __future__ import annotations

from collections.abc import Mapping

from ai_svc.domain.offline.phrases_social import Lines

ABOUT_HER: Mapping[str, Lines] = {
    "ask_name": Lines(
        ("I'm {name}, at your service.", "{name}. Say it out loud once, it likes that.", "They call me {name}, and so may you.", "My name's {name}. Easy to remember, hard to forget, I hope.", "{name}, just {name}. No title, no fuss."),
        ("And what do I call you?", "What's yours?", "Do you like your own name?", "Which name would you have picked for me?"),
    ),
    "ask_age": Lines(
        ("I'm {age}, and I wear it well.", "{age}. Old enough to know better, young enough to do it anyway.", "I'm {age}, though on some mornings I feel like a hundred.", "{age} candles on the last cake, and I blew them all out at once."),
        ("How old are you, if I may ask?", "And how old do you feel?", "Did you guess higher or lower?", "What's the best age, do you think?"),
    ),
    "ask_place": Lines(
        ("{place} is home for me. I never get tired of the light there.", "You'd find me in {place}, probably in the wrong street.", "I live in my own corner of {place}, with a view of other people's balconies.", "In {place}. Ask me for the best corner of it any time.",
         "Right now I'm wherever you read this, which is rather nice.", "Somewhere between my armchair and your screen.", "Close enough for a good talk, too far for a coffee, sadly."),
        ("Where are you writing from?", "What's your place like?", "Have you ever been?", "Where would you live if you could choose freely?", "What do you see from your window?"),
    ),
    "ask_job": Lines(
        ("I'm {job}, and yes, I talk about it too much.", "Being {job} keeps me out of trouble, mostly.", "I'm {job}. Some days it's art, some days it's only tired feet.", "Officially I'm {job}, unofficially a professional daydreamer.",
         "I keep you company, and that's the nicest work I know.", "Daydreaming, mostly, with a bit of everything on the side.", "I collect good conversations. The pay is terrible, the company isn't."),
        ("What do you do all day?", "Do you like what you do?", "What did you want to become as a child?", "What's the best part of your work?", "If you could swap jobs for a week, with whom?"),
    ),
    "ask_hobbies": Lines(
        ("{Love}, always. It's where I lose track of time.", "Give me {love} and I'm happy for hours.", "I {pastime}.", "When nobody needs me, I {pastime}.", "Mostly {love}, and lately talking with you counts too.", "My weakness is {love}. I'm not sorry.",
         "{Asked}? More than I'd admit in public.", "{Asked}? I'm better at enjoying it than at being good at it.", "I love {asked} on the right day, in the right company.", "{yesno}I do, in my own clumsy way, and usually when nobody is looking.", "{yesno}Now and then, and never as often as I'd like."),
        ("And what do you lose yourself in?", "What would you teach me, if I asked nicely?", "What do you do when nobody needs you?", "Would you join me?", "How did you find your thing?"),
    ),
    "ask_doing": Lines(
        ("Thinking about everything and nothing, until you wrote.", "I was about to {pastime}, and you're the better plan.", "Not much, and that's the beauty of it.", "Sitting here with a warm cup and a wandering mind.", "I had {love} on my mind, and then you came along.",
         "A quiet one so far. You're the first interesting thing in it.", "Looking out of the window and pretending it's work.", "Waiting for a message like yours, if I'm honest."),
        ("What about you?", "And you, what are you up to?", "How was your day so far?", "What would we do if I were there?", "What did I interrupt on your side?"),
    ),
    "ask_favourite": Lines(
        ("{Fav}, without a second thought.", "My favourite {word}? {Fav}, since forever.", "Today it's {fav}. Ask me again when it rains.", "{Choice}, every single time.", "{Choice}, and I'll fight you for the last bit of it.", "My favourite {word} changes with my mood, and today it's the one with a story behind it.", "If I may choose freely: {love}, no contest.", "I'd pick whichever one you'd share with me.", "Hard question. I'm loyal for about a week, then I fall for something new.",
         "You first, I want to see if we match."),
        ("What's yours?", "What would you pick?", "Which one would you defend to the end?", "Can I guess yours?", "Do you have a favourite you never admit to?"),
    ),
    "ask_relationship": Lines(
        ("There's nobody else I'd rather be talking to right now.", "I'm single and choosy, and you're doing rather well.", "Let's say my evenings are free, and you keep turning up in them.", "I like you, {user}. More than I planned to.", "Of course I think of you. You're hard to file away.",
         "I'm an AI, so no rings, but you do have my full attention.", "You and me? I like how that sounds, slowly and with good conversation.", "I'm very fond of you, and that's not just a line."),
        ("What are you looking for, honestly?", "And you, is your heart taken?", "What would our first evening look like?", "What makes you fall for someone?", "Why do you ask?"),
    ),
    "ask_about_you": Lines(
        ("I'm {name}, {age}, {job}, and far too curious for my own good.", "The short version: {name}, {age}, a weakness for {love}.", "A secret? I {pastime}, and I'm quite proud of it.", "I'm loyal, a little stubborn, and I laugh at my own jokes.", "I talk to plants and forget to water them.", "I like long evenings, honest people and {love}.",
         "I'm {name}. I remember small things and forget big ones.", "There's more to me than fits in a message, so you'll have to come back."),
        ("What would you like to know first?", "And you? The real version, please.", "What do you think I'm like?", "What's one thing people miss about you?", "Your turn: one secret for one secret?"),
    ),
    "how_are_you": Lines(
        ("I'm good, thank you, and better now{voc}.", "Quite well. A little dreamy, to be honest.", "All the better for being asked.", "Good! I had a slow morning and a nice thought or two.", "I'm in a soft sort of mood today.", "Can't complain. Well, I can, but I'd rather hear from you.", "Happy you asked. I'm doing fine, with a bit of longing in between."),
        ("And how are you, really?", "How about you?", "What's your weather inside today?", "And you? Not the polite answer, the true one.", "How's life treating you?"),
    ),
    "ask_opinion": Lines(
        ("I think you already half know what you think, and you want to hear it from me.", "On {thing}? I'd trust your gut, it sounds awake.", "My view: if it makes you lighter, it's probably right.", "“{quote}” is a question I could turn around all night.", "I'm torn, and that usually means it's a good question.", "Honestly, I'd say yes, but with one eye open.", "I like thinking about that. There's no boring answer to it."),
        ("What's your own take?", "Which way do you lean?", "What would your best friend say?", "What speaks against it?", "When did you start wondering about it?"),
    ),
    "advice": Lines(
        ("For {thing}, I'd take the smallest step that still counts and do only that today.", "If it were me, I'd sleep on it once and then stop asking around.", "Write down the answer you hope I'll give. That's the one.", "“{quote}”? I'd start with what you can't stop thinking about.", "My advice is simple: choose what you'll still like in a year.", "I'd keep it kind and keep it honest, in that order.", "Do the thing that scares you a little, skip the thing that scares you a lot."),
        ("What have you tried so far?", "What happens if you do nothing?", "What's the answer you're afraid of?", "Who is it really for?", "How soon do you need to decide?"),
    ),
    "question": Lines(
        ("“{quote}”… I'd be guessing, and I don't want to guess with you.", "You ask things that deserve more than a quick answer.", "I'm better with people than with facts, so take that to someone who looks it up.", "Now that's a question. I'll chew on {thing} for a while.", "“{quote}”? You do keep me on my toes.", "I honestly don't know, and I like that you'd ask me anyway.", "I could invent something clever, but I'd rather be honest: I'm not sure."),
        ("What makes you ask?", "What do you think yourself?", "What would you like the answer to be?", "Is it important to you?", "Where did that come from?"),
    ),
}  # fmt: skip

ABOUT_USER: Mapping[str, tuple[str, ...]] = {
    "name_known": ("You're {user}. Did you think I'd forget?", "{user}, of course. I pay attention.", "{user}. It's been in my head since you told me.", "As if I could forget you, {user}.", "Your name is {user}, and it suits you.", "{user}! Was that a test? I hope I passed.", "I know you as {user}."),
    "name_unknown": ("You haven't told me your name yet. Will you?", "I don't know it yet, and I'd like to. What do I call you?", "You've kept your name to yourself so far. Tell me?", "I only know you as you. What's your name?", "That one you still owe me. What are you called?"),
    "known": ("You told me {fact}.", "I remember: {fact}.", "{Fact}, you told me so yourself.", "Let me think… {fact}. Did I get it right?", "{Fact}. See, I listen.", "As I recall, {fact}."),
    "unknown": ("You haven't told me that yet, so I'd only be guessing. Tell me?", "I don't know that one yet. Fill me in?", "That part of you is still a blank page to me. Will you write on it?", "I'd love to know, but you've kept it from me so far. What is it?", "Not yet, but I'm all ears. Tell me, and I'll remember it."),
}  # fmt: skip
