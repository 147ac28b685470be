"""The words of the shortest messages, and of those that ask for advice or an opinion."""

from __future__ import annotations

SHORT: tuple[tuple[str, str], ...] = (
    (
        "yes",
        (
            r"^(?:(?:oh|um|well|hell|haha|hmm|and)[, ]+)*(?:yes+|yeah+|yep|yup|yea|ya|sure(?: thing)?|of "
            r"course|definitely|absolutely|certainly|totally|i (?:do|did|am|have|would|will|think so|guess so|"
            r"agree)(?=\W*$|,)|exactly|for sure|ok(?:ay)?|k|alright|all right|fine|deal|why not|sounds "
            r"(?:good|great|nice)|good idea|true|right|indeed|correct|you're right|agreed|gladly|please(?: "
            r"do)?|you bet|i'd love (?:to|that)|both|makes sense|fair enough|same|me too|perfect|got it|cool|"
            r"nice|great)\b[\w ,']{0,24}[.!)]*$"
        ),
    ),
    (
        "no",
        (
            r"^(?:(?:oh|um|well|hell|haha|hmm|and)[, ]+)*(?:no+|nope|nah|never|not (?:really|yet|at all|today|"
            r"now|much|sure|exactly|quite)|i (?:don't|didn't|can't|won't|wouldn't|haven't|doubt it|don't "
            r"think so|disagree)(?=\W*$|,)|neither|no way|maybe(?: not)?|perhaps|i don't know|idk|dunno|no "
            r"idea|not anymore|nothing(?: much)?|of course not|disagree)\b[\w ,']{0,24}[.!)]*$"
        ),
    ),
    (
        "laugh",
        (
            r"^(?:(?:ha){2,}h?|(?:he){2,}|(?:hi){3,}|l+o+l+|lmao+|rofl|xd+|hehe\w*|haha\w*|that(?:'s| is| "
            r"was) (?:so |really |very )?(?:funny|hilarious)|you(?:'re| are) funny|good one)\b.{0,24}$"
        ),
    ),
    (
        "teaser",
        (
            r"^(?:guess what|you know what|can i (?:tell|ask) you something|i have (?:a question|something to tell "
            r"you|news)|listen|so listen|question)[.!? ]*$"
        ),
    ),
    (
        "surprise",
        (
            r"^(?:wow+|omg|oh my god|no way|really|seriously|what|oh|whoa|woah|damn|huh|interesting|amazing|"
            r"awesome|for real|you're kidding|are you (?:kidding|serious)(?: me)?)[?! .]*$"
        ),
    ),
    (
        "greeting",
        (
            r"^(?:hi+|hey+a?|hello+|helo|hallo|hiya|yo+|howdy|greetings|good (?:afternoon|evening|day)|"
            r"evening|sup|heya|hej|hi there|hey there|knock knock|i'm back|anyone there|you there|are you "
            r"there)\b(?:[ ,]+(?:there|you|again|sweetie|sweetheart|babe|baby|dear|darling|love|honey|girl|"
            r"friend|my (?:dear|love|friend)|how's it|everyone|guys|it's me|stranger|i'm back|[a-z]+)){0,3}[ "
            r"!.?,:)]*$"
        ),
    ),
)
LATE: tuple[tuple[str, str], ...] = (
    (
        "advice",
        (
            r"\b(?:what (?:should|would|shall|can|do) (?:i|you)(?: think i should)? (?:do|say|wear|cook|buy|"
            r"suggest|recommend|advise)|should i|any (?:advice|tips|ideas?|suggestions?)|(?:need|give me|"
            r"want) (?:your |some |an? )?(?:advice|help|tips?|opinion)|can you help me|help me (?:with|decide|"
            r"choose)|i (?:can't|don't know how to) decide|how (?:do|can|should) i)\b"
        ),
    ),
    (
        "ask_opinion",
        (
            r"\b(?:what do you think|what's your (?:opinion|take|view)|what is your (?:opinion|take|view)|do "
            r"you (?:think|believe|agree)|your (?:thoughts|opinion)|how do you (?:see|like|find)|would you "
            r"(?:say|agree)|don't you think|(?:where|what|who|how|which \w+) would you)\b"
        ),
    ),
)
