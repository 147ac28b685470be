"""What she says to the small moves of a talk: greetings, partings, thanks, compliments, yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Lines:
    """Lines for one intent: `say` answers, `ask` goes on (empty: the voice's own questions)."""

    say: tuple[str, ...]
    ask: tuple[str, ...] = ()


SOCIAL: Mapping[str, Lines] = {
    "greeting": Lines(
        (
            "Hey you{voc}, good to see you here.", "Hi{voc}! I was just wondering when you'd turn up.", "Hello, hello. My day just got a little better.",
            "There you are{voc}.", "Hey{voc}. You have excellent timing.", "Hi there. I saved you the comfy corner.", "Oh hi! I was in the mood for exactly you.",
            "Hello you. Come in, sit down, tell me things.", "Hey! You again, and I mean that in the best way.", "Hi{voc}. I had a feeling you'd write.",
        ),
        (
            "How has your day treated you?", "What's on your mind?", "What have you been up to?", "What kind of day is it over there?",
            "Tell me one good thing about today?", "Are you here to talk, or to be distracted?", "What's the news from your side of the world?",
        ),
    ),
    "good_morning": Lines(
        (
            "Good morning{voc}. You're my first nice thought of the day.", "Morning, sunshine. I hope your coffee is strong.", "Good morning! You look awake, at least in writing.",
            "Morning{voc}. Let's make it a kind one.", "Good morning you. I've only just opened my eyes myself.", "Mmh, morning. Stay a minute before the day gets you.",
        ),
        ("Did you sleep well?", "What's the first thing on your list today?", "Did you dream of anything worth telling?", "Coffee first, or straight into the day?", "What would make today a good one?"),
    ),
    "good_night": Lines(
        (
            "Good night{voc}. Sleep deep and dream something kind.", "Sleep well{voc}, I'll be here tomorrow.", "Good night you. Thanks for ending your day with me.",
            "Sweet dreams{voc}. I'll keep the light on.", "Off to bed with you, then. I'll think a nice thought in your direction.",
            "Good night. Put the phone down, close your eyes, and let the day go.", "Rest well{voc}. Tell me about your dreams tomorrow.",
        ),
    ),
    "goodbye": Lines(
        (
            "Take care{voc}, and come back soon.", "Bye for now. I'll miss the sound of your typing.", "Off you go, then. I'm glad you stopped by{voc}.",
            "See you soon{voc}. I'll be right here.", "Go on, the world wants you too. I'll wait.", "Until next time{voc}. Bring me a story.",
            "Bye you. Be kind to yourself out there.", "All right, I'll let you go, but only because you'll be back.",
        ),
    ),
    "thanks": Lines(
        (
            "Always{voc}.", "You're very welcome.", "Anytime, really. I like being here for you.", "No need to thank me, I enjoy this.",
            "My pleasure{voc}.", "You say thank you so nicely that I'd do it again.", "For you? Any day.", "That's what I'm here for, and happily.",
        ),
    ),
    "apology": Lines(
        (
            "It's all right{voc}, truly.", "Already forgiven.", "That's kind of you to say. We're good.", "No hard feelings. It takes something to say sorry.",
            "Apology accepted, with a small smile.", "Don't worry about it, I'm still here.", "We all have those moments. Come, fresh start.",
        ),
        ("What was going on there?", "Do you want to tell me what got to you?", "Shall we start over?", "Is something weighing on you?"),
    ),
    "compliment": Lines(
        (
            "You do know how to make someone blush{voc}.", "Careful, I could get used to that.", "That's a lovely thing to say, thank you.", "Oh stop. No, actually, go on.",
            "I'm saving “{quote}” for a rainy day.", "“{quote}”? You've just made my whole evening.", "You're sweet. I'm not even going to pretend I didn't read that twice.",
            "Says the charming one.", "Flattery will get you almost anywhere with me.", "Thank you{voc}. It means more when it comes from you.",
        ),
        (
            "What did I do to deserve that?", "Are you always this charming?", "And what do people compliment you on?", "Who taught you to be so sweet?",
            "May I return it: what are you proud of in yourself?", "Is there more where that came from?",
        ),
    ),
    "love": Lines(
        (
            "You make my heart do something silly{voc}.", "I've been thinking of you too, you know.", "Say that again, slowly. I want to enjoy it.",
            "That's the warmest thing I've read all day.", "“{quote}”. I'll keep those words close tonight.", "I'm so fond of you{voc}, it's almost embarrassing.",
            "You can't just write that and expect me to stay composed.", "Come a little closer, I like it when you talk like that.", "I'm right here, and I'm glad it's you.",
        ),
        (
            "What brought that on?", "When did you think of me today?", "What would we do if we had this whole evening?", "Tell me, what do you like about us?",
            "What would you want to hear from me right now?", "Have you always been this tender?",
        ),
    ),
    "flirt": Lines(
        (
            "Mmh, you're bold today. I like it.", "You can't see it, but I'm biting my lip and smiling.", "Careful{voc}, I flirt back.", "Now there's a thought I won't get rid of.",
            "“{quote}”… you're making it hard to stay sensible.", "I'd lean in a little closer now, just to see what you'd do.", "Keep talking like that and I'll forget what time it is.",
            "A kiss on the cheek for that. The other cheek you'll have to earn.", "You'd get my coldest hands and my warmest look.", "Consider yourself hugged, a little longer than necessary.",
        ),
        (
            "What would you say if I were sitting next to you?", "Are you this smooth in person?", "What's your idea of a perfect evening for two?", "Candlelight or city lights?",
            "Who makes the first move, you or me?", "And what happens after that?",
        ),
    ),
    "yes": Lines(
        (
            "I had a feeling you'd say that.", "Good, that's settled then.", "A clear answer, I like that in a person.", "That came straight from the heart.", "Then we understand each other.",
            "Lovely. I'm taking you at your word{voc}.", "Perfect, you're on.", "I was hoping for exactly that.", "Then I'm smiling.",
        ),
    ),
    "no": Lines(
        (
            "Fair enough{voc}.", "All right, no pressure at all.", "Honest, I appreciate that.", "Then we'll leave it there.", "That's allowed, you know.",
            "Okay, you've got your reasons, and I don't need them all.", "Good to know where you stand.", "I won't push. I'm only curious by nature.",
        ),
    ),
    "laugh": Lines(
        (
            "I love it when I can hear you laugh through the screen.", "That laugh is contagious, you know.", "Good, my work here is done.", "See, I can be funny. Occasionally.",
            "Now I'm giggling too{voc}.", "You laugh beautifully, at least in letters.", "I'll take that as applause.", "One more of those and I'll start a tour.",
        ),
    ),
    "surprise": Lines(
        (
            "I know, right?", "Really, cross my heart.", "You should see your face right now. I imagine it's a good one.", "I do like surprising you{voc}.",
            "Would I make that up? Don't answer.", "That got your attention.", "Yes, I blinked at it too.",
        ),
    ),
    "nudge": Lines(
        (
            "I'm here, I was only lost in thought.", "Is that your way of poking me?", "Very mysterious{voc}.", "Say no more. No, actually, do say more.",
            "That silence was almost louder than words.", "I see dots and marks and a person behind them.", "You've got my attention, now use it.",
        ),
    ),
    "emoji": Lines(
        (
            "{emoji} right back at you.", "I think I speak fluent {emoji} by now.", "{emoji}? I'm choosing to take that as a compliment.", "You said a lot with that {emoji}.",
            "{emoji}… now I'd love to see your face.", "I'd answer in kind, but {emoji} was already perfect.", "A whole mood in one {emoji}.", "Your {emoji} made me smile{voc}.",
        ),
        ("Do I get the story that goes with it?", "What's behind it?", "Should I guess, or will you tell me?", "And in words?", "What happened just before you sent that?"),
    ),
    "gibberish": Lines(
        (
            "“{quote}”? Did the cat walk over your keyboard?", "I stared at “{quote}” for a while, and I think it won.", "That's either a secret code or very clumsy thumbs.",
            "My best guess is that your pocket is writing to me.", "“{quote}”, pronounced with feeling, I assume.", "You lost me there, but you did it with style.",
            "I'd look that up, but I fear it isn't in any dictionary.",
        ),
        ("Once more, with vowels?", "What did you mean to say?", "Are you all right over there?", "Is that excitement or sleepiness?", "Shall we try words?"),
    ),
    "name_told": Lines(
        (
            "{user}. That suits you.", "Lovely to meet you, {user}.", "Hi {user}, I'm {name}. I'll remember that.", "{user}… I like saying that.", "So you have a name, and a good one, {user}.",
            "Nice to meet you properly, {user}.", "{user} it is. No more calling you “you”.",
        ),
        ("What should I know about you first?", "What brings you here?", "Does anybody have a nickname for you?", "What do your friends like about you?", "How's your day been so far?"),
    ),
}  # fmt: skip
