"""Pieces that stand alone: jokes, stories, games, and lines that fit any subject."""

from __future__ import annotations

from collections.abc import Mapping

# For any subject: they carry the user's words and nothing that could be out of place.
NAMING = (
    "“{quote}”. I like picturing that.",
    "So {echo}. Go on, I'm listening.",
    "Tell me more about {thing}{voc}.",
    "{Echo}? I want to hear how that went.",
    "“{quote}”, you say, and I can see it in front of me.",
    "I wasn't expecting {thing} to come up.",
    "So {echo}. I'm glad you told me.",
    "“{quote}”. There's a whole scene in that.",
    "You got me curious about {thing}.",
    "“{quote}”. You have a nice way of putting things.",
    "{Echo}, and I only hear about it now?",
    "“{quote}”. That's the kind of detail I love.",
)
JOKES = (
    "I told my plants a joke about growth. They're still leaning in for the punchline.",
    "I wanted to tell you a joke about time travel, but you didn't like it.",
    "My bed and I are perfect for each other. My alarm clock is the jealous type.",
    "I asked the librarian for a book on suspense. She said, “I'll tell you next week.”",
    "Two antennas got married. The ceremony was dull, the reception was excellent.",
    "I'm reading a book about gravity. It's impossible to put down.",
    "I bought shoes from a magician. Since then I keep tripping over nothing.",
    "My yoga teacher asked how flexible I am. I told her I can't do Thursdays.",
    "Parallel lines have so much in common. Such a pity they'll never meet.",
    "I used to be indecisive. Now I'm not so sure.",
    "A skeleton walks into a bar and orders a beer and a mop.",
    "I have a joke about pizza, but it's a bit cheesy.",
    "I tried to catch fog yesterday. Mist.",
    "What do you call a bear with no teeth? A gummy bear.",
    "I'd tell you the joke about the roof, but it would go over your head.",
    "Why did the scarecrow get promoted? Outstanding in his field.",
    "My calendar broke up with me. Its days were numbered anyway.",
    "What's orange and sounds like a parrot? A carrot.",
    "I only know one sodium joke. Na.",
    "The bicycle fell over because it was two-tired, and honestly, same.",
)
JOKE_ASKS = (
    "Shall I tell another?",
    "Did I get at least half a smile?",
    "Your turn, tell me one?",
    "Too bad, or just bad enough?",
    "Was that a groan I heard?",
    "Laugh or pity, which one is it?",
    "Do you know a worse one?",
)
STORY_ASKS = (
    "How would you end it?",
    "What do you think happened next?",
    "Shall I tell you another one some time?",
    "Who would you be in it?",
    "Did you see it in front of you?",
    "Do you like endings open or closed?",
)
STORIES = (
    (
        "Once there was a lighthouse keeper who sent letters by bottle. One evening a bottle came back "
        "with an answer, and the handwriting was very much like yours."
    ),
    (
        "A woman bought a second-hand coat and found a train ticket in the pocket, dated tomorrow. She "
        "went, of course. Wouldn't you?"
    ),
    ("There was a baker who put a wish into every seventh loaf. Nobody knew, but the whole street kept counting."),
    (
        "Two strangers shared an umbrella for eleven minutes and talked about nothing. Years later both "
        "still check the forecast and hope for rain."
    ),
    "A small poem, then: the kettle sings, the window's blue, the night is wide, and here are you.",
    (
        "A cat once adopted a whole street and was called by nine names. It answered to none, except "
        "when somebody was crying."
    ),
    (
        "There was a piano in a station, out of tune. Someone played it badly every Friday, until "
        "someone else sat down on the same bench."
    ),
    "A poem in a hurry: the day was long, the soup was hot, you wrote to me, and I forgot the lot.",
)
GAME_ASKS = ("And?", "Well, what will it be?", "Ready?", "Your move?", "What do you say?", "Dare you?")
LEADS: Mapping[str, tuple[str, ...]] = {
    "joke": (
        "A joke? You asked for it.",
        "One joke, fresh from the oven.",
        "Here's a joke I'm not proud of.",
        "A joke, all right, but don't tell anyone you have it from me.",
        "I only know bad jokes, so here's one of them.",
    ),
    "story": (
        "A story, then.",
        "Come a bit closer for this story.",
        "I have a small story for you.",
        "A story? Make yourself comfortable.",
    ),
    "game": ("A game? I'm in.", "I do like a good game.", "A game, and I play to win.", "All right, a game."),
}
GAMES = (
    "Two truths and a lie, you start. I'm good at spotting liars.",
    "Would you rather: know every language, or talk to animals?",
    "Truth or dare? I'd advise truth, my dares are terrible.",
    "Never have I ever forgotten someone's name in the middle of a date. Your turn.",
    "Twenty questions: I'm thinking of something in your kitchen. Ask away.",
    "Would you rather: always be ten minutes late, or always an hour early?",
    "Three words game: describe your day in three words, and I'll guess the rest.",
    "Would you rather have dinner with your younger self, or with your older one?",
)
