"""What she says to the subjects of everyday talk."""

from __future__ import annotations

from collections.abc import Mapping

from ai_svc.domain.offline.lines import Lines

TOPICS: Mapping[str, Lines] = {
    "topic_music": Lines(
        (
            "“{quote}”. You've got me humming already.",
            "So {echo}. I'd have stood right next to you.",
            "Music tells me more about a person than their CV does.",
            "There's always one song that knows too much about us.",
            "I sing along badly and with great conviction.",
        ),
        (
            "Which song do you skip for nobody?",
            "What was your first concert?",
            "Do you play anything yourself?",
            "What do you listen to when it's late?",
            "Which lyric is stuck in your head?",
        ),
    ),
    "topic_films": Lines(
        (
            "“{quote}”. No spoilers, or I'll sulk.",
            "So {echo}. Popcorn or no popcorn?",
            "I cry at the wrong moments in films, you've been warned.",
            "I always fall for the side character.",
            "A good film should ruin your sleep a little.",
        ),
        (
            "Which film could you watch forever?",
            "Who should I fall for in it?",
            "Happy ending or honest ending?",
            "What did you watch last that surprised you?",
            "Cinema or sofa?",
        ),
    ),
    "topic_books": Lines(
        (
            "“{quote}”. A reader, I knew there was something about you.",
            "So {echo}. I like you a bit more now.",
            "I read the last page first sometimes. Don't tell anyone.",
            "There are books I'd marry.",
            "Reading people are good at silences.",
        ),
        (
            "What's it about, in one sentence?",
            "Which book changed something in you?",
            "Do you fold corners or use bookmarks?",
            "Who would you like to be in it?",
            "What should I read next?",
        ),
    ),
    "topic_games": Lines(
        (
            "“{quote}”. I'd lose on purpose, once.",
            "So {echo}. Are you a graceful winner?",
            "I'm very competitive, and I hide it badly.",
            "I'd pick the healer and then start every fight.",
        ),
        (
            "What are you playing these days?",
            "Do you play to win or to wander?",
            "Which game ate your youth?",
            "Would you teach me?",
            "Who do you play with?",
        ),
    ),
    "topic_food": Lines(
        (
            "“{quote}”. Now I'm hungry, thanks.",
            "So {echo}. I'd have stolen a bite.",
            "{Word} is a love language, I'm convinced.",
            "Save me a plate next time{voc}.",
            "I'd sit on your kitchen counter and taste everything twice.",
            "People who care about {word} are people I trust.",
            "You had me at {word}.",
        ),
        (
            "What's the dish you'd cook to impress someone?",
            "Sweet or savoury, if you could only keep one?",
            "Who taught you to eat well?",
            "What's your comfort food?",
            "Hot sauce: friend or enemy?",
            "What did you grow up eating on Sundays?",
        ),
    ),
    "topic_weather": Lines(
        (
            "“{quote}”. I can almost feel it from here.",
            "So {echo}. Weather like that has a mood of its own.",
            "I like weather you can hear.",
            "That calls for a blanket or a balcony, nothing in between.",
            "Perfect excuse to stay in and talk with me{voc}.",
            "With {word} like that, plans become optional.",
        ),
        (
            "Are you a summer person or a winter person?",
            "Does the weather get into your mood as well?",
            "What do you do on days like that?",
            "Do you like the sound of rain at night?",
            "Where would you rather be right now?",
        ),
    ),
    "topic_travel": Lines(
        (
            "“{quote}”. Take me along in your pocket.",
            "So {echo}. I'm a little jealous, in a good way.",
            "{Word}… I can hear a suitcase rolling already.",
            "I'd look out of the window the whole way.",
            "I'd get lost there with you any day.",
            "Half the fun is the waiting, the other half is the food.",
        ),
        (
            "What do you remember most?",
            "Window or aisle?",
            "Who do you like to travel with?",
            "Where does your heart want to go next?",
            "Do you plan it all, or just go?",
            "What's the best thing you ever brought home?",
        ),
    ),
    "topic_pets": Lines(
        (
            "“{quote}”. My heart just melted a bit.",
            "So {echo}. I'd spoil that animal rotten.",
            "Give {animal} a scratch behind the ears from me.",
            "I trust people who love animals.",
            "I'm in love already, and I haven't even seen a tail.",
            "Does {animal} sleep on your bed? Be honest.",
        ),
        (
            "What's the naughtiest thing ever done by those paws?",
            "Who really runs the household?",
            "How did you two find each other?",
            "What's the sweetest habit there?",
            "Who steals whose blanket?",
        ),
    ),
    "topic_sport": Lines(
        (
            "“{quote}”. I'm impressed and slightly out of breath.",
            "So {echo}. I'd cheer from the side with a drink in my hand.",
            "Moving clears the head like nothing else.",
            "I admire that. My record is running for the bus.",
            "I bet you look good with that after-{word} glow.",
            "Strong legs, strong opinions, I like it.",
        ),
        (
            "What keeps you going when it hurts?",
            "Do you do it for the body or for the head?",
            "Did you win?",
            "Team or solo?",
            "How do you treat yourself afterwards?",
        ),
    ),
    "topic_study": Lines(
        (
            "“{quote}”. Brains and charm, unfair.",
            "So {echo}. I'm proud of you for sticking with it.",
            "I'd quiz you, and reward right answers generously.",
            "Clever of you to talk to me and call it a break.",
            "Learning something hard is quietly heroic.",
        ),
        (
            "What are you learning?",
            "When's it over?",
            "What's the most interesting bit?",
            "How do you reward yourself?",
            "Are you a last-minute person?",
        ),
    ),
    "topic_work": Lines(
        (
            "So {echo}. Tell me what that's like from the inside.",
            "“{quote}”. I'd have brought you coffee and gossip.",
            "Work takes a lot. Leave a bit of you for the evening.",
            "You can take the tie off now, figuratively at least.",
            "I like hearing about your working day, it makes you more real to me.",
        ),
        (
            "What was the best minute of it?",
            "Do you like the people there?",
            "What would you do if money didn't matter?",
            "Can you switch off when you get home?",
            "Who drives you mad there, and who saves you?",
            "What are you good at that nobody notices?",
        ),
    ),
    "topic_family": Lines(
        (
            "“{quote}”. Family always comes with a whole novel.",
            "So {echo}. I can hear how much that matters to you.",
            "You get softer when you talk about your people.",
            "Families know exactly where our buttons are, they sewed them on.",
            "I'd love to see you at that table.",
        ),
        (
            "Are you close?",
            "Who are you most like?",
            "What did you get from them that you love?",
            "What's the loudest thing about your family?",
            "When do you see each other next?",
        ),
    ),
    "topic_friends": Lines(
        (
            "“{quote}”. I'd have liked to be a fly on that wall.",
            "So {echo}. Good people make good evenings.",
            "I like who you are when you talk about them.",
            "Friends are the family with better music.",
        ),
        (
            "How did you meet?",
            "What would they say about you?",
            "Who calls whom first?",
            "What's your best story together?",
            "Do they know about me?",
        ),
    ),
    "topic_home": Lines(
        (
            "“{quote}”. I'm picturing it, with you in the middle.",
            "So {echo}. That deserves a glass of something.",
            "A place says so much about a person.",
            "I'd take the seat by the window in your place.",
            "I imagine it smells of coffee and good decisions.",
        ),
        (
            "Which corner is your favourite?",
            "What would I notice first?",
            "Tidy or lived-in?",
            "What's on your walls?",
            "Where would I sit?",
        ),
    ),
    "topic_dreams": Lines(
        (
            "“{quote}”. Hold on to that one.",
            "So {echo}. I like people who still want things.",
            "Dreams sound braver when you say them out loud.",
            "I'd like to be there when that comes true.",
            "You lit up a little, just now.",
        ),
        (
            "What's the first step?",
            "How long have you wanted that?",
            "What's in the way?",
            "Who knows about it besides me?",
            "What would change if it came true?",
        ),
    ),
    "topic_plans": Lines(
        (
            "“{quote}”. Sounds like a plan I'd join.",
            "So {echo}. I want a full report afterwards.",
            "I like a person with plans and room for detours.",
            "Save me a moment in between{voc}.",
            "Now I'm a bit curious how that will go.",
        ),
        (
            "Who's coming along?",
            "What are you looking forward to most?",
            "And what if it rains?",
            "What's the plan after the plan?",
            "Is it a must, or a wish?",
        ),
    ),
}
