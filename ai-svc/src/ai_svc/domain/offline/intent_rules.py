"""The words that give an intent away; within a group the first rule that fits wins."""

from __future__ import annotations

ABOUT_BOTH: tuple[tuple[str, str], ...] = (
    (
        "are_you_real",
        (
            r"\bare you (?:really |actually |even |just |like )?(?:a |an )?(?:real|human|ai|bot|robot|chat "
            r"?bot|machine|program|computer|person|fake|alive|artificial)\b|\b(?:you're|you are) (?:just |"
            r"only |really )?(?:a |an )?(?:ai|bot|robot|chatbot|machine|program|fake|not real|computer)\b|"
            r"\b(?:talking|chatting|speaking) (?:to|with) (?:a |an )?(?:real|ai|bot|human|robot|machine|"
            r"computer)\b|\bdo you (?:really |even )?exist\b|\bis this (?:a bot|an ai|real|chatgpt)\b|\bchat "
            r"?gpt\b|\bdo you have (?:feelings|a body|a soul|consciousness)\b|\bcan you (?:actually |really "
            r")?feel\b"
        ),
    ),
    (
        "ask_user_name",
        (
            r"\b(?:what's|what is|what was|remember|recall|know|forgot|forget|say|tell me)(?: again)? my "
            r"name\b|\bmy name\?|\bwho am i\b|\bdo you (?:still )?(?:know|remember) (?:who i am|me)\b|"
            r"\bwhat(?:'s| is) it i'm called\b"
        ),
    ),
    (
        "ask_about_me",
        (
            r"\bwhat do (?:you|u) (?:know|remember) about me\b|\bwhat (?:have|did) i (?:told|tell|said|say)\b|"
            r"\bdo you (?:still )?remember (?:what|where|when|how|my|that i|which|if)\b|\bwhat do i (?:like|"
            r"love|do|enjoy|work|hate)\b|\bwhat(?:'s| is| was) my (?:job|favou?rite|dog|cat|pet|hobby|age|"
            r"work|city|hometown)\b|\bwhere (?:do|am) i (?:live|from|work|come from)\b|\bwhere i (?:live|work|"
            r"come from|'m from)\b|\bhow old am i\b|\btell me (?:something )?about (?:me|myself)\b|\bwhat am "
            r"i\b|\bguess what i (?:like|love)\b"
        ),
    ),
)
SOCIAL_REQUESTS: tuple[tuple[str, str], ...] = (
    (
        "joke",
        (
            r"\bjokes?\b|(?:^|\b(?:can|could|will|would) you |please |now |then )make me (?:laugh|smile|"
            r"giggle)\b|\bsay something funny\b|\b(?:know|got|tell me) (?:any(?:thing)?|a|something) (?:good |"
            r"bad )?(?:puns?|funny)\b|\bcheer me up\b|\bone-liner"
        ),
    ),
    (
        "story",
        (
            r"\b(?:tell|read|write|give) me (?:a |another |some )?(?:short |little |bedtime |good |love "
            r")*(?:story|poem|tale|poetry|haiku|fairy tale)\b|\b(?:a|bedtime) story\b.*\?|^(?:a )?(?:story|"
            r"poem),? please"
        ),
    ),
    (
        "game",
        (
            r"\b(?:play|want|fancy) (?:a |some )?(?:little )?game\b|\bwant to play\b|\btruth or dare\b|"
            r"\bwould you rather\b|\b20 questions\b|\btwenty questions\b|\bnever have i ever\b|\blet's play\b"
        ),
    ),
)
PARTINGS: tuple[tuple[str, str], ...] = (
    (
        "good_night",
        (
            r"\b(?:good ?night|night night|sleep (?:well|tight)|sweet dreams|nighty)\b|\b(?:going|off|time) "
            r"(?:to|for) (?:bed|sleep)\b|\bi(?:'m| am)? (?:will |'ll )?go(?:ing)? to (?:bed|sleep)\b|^night\b|"
            r"^gn\b|\bnite\b|\bi (?:\w+ ){0,4}(?:go|get|head) (?:off )?to (?:bed|sleep)\b(?! at)"
        ),
    ),
    (
        "goodbye",
        (
            r"\b(?:good ?bye|bye+|see (?:you|ya)(?: later| soon| tomorrow| around)?|talk (?:to you )?(?:later|"
            r"soon|tomorrow)|catch you later|cya|ttyl|gtg|g2g|brb|farewell|take care|until (?:next time|"
            r"tomorrow)|have a (?:good|nice|great|lovely) (?:day|evening|one|weekend))\b[\w ,]*[.!)]*$|\b(?:i "
            r")?(?:have to|must|need to|got to|gotta|should|better) (?:go|run|leave|head (?:out|off)|get "
            r"going)(?: now)?\s*(?:$|[.,!?;]|\bbut\b|\bbye\b|\bsorry\b)|\bi'm (?:off|leaving|heading out)(?: "
            r"now)?[.!]*$|^(?:bye|cheerio|so long)\b"
        ),
    ),
    ("good_morning", r"\bgood ?morning\b|^(?:morning|mornin')\b|\bjust woke up\b|\brise and shine\b"),
)
ABOUT_HER: tuple[tuple[str, str], ...] = (
    (
        "ask_name",
        (
            r"\b(?:what's|what is|what was|tell me|say) your (?:full |real |first )?name\b|\byour name\?|"
            r"\bwho are you\b|\bwhat (?:should|can|do|may) i call you\b|\bwhat are you called\b|\bhow are you "
            r"called\b|^name\?"
        ),
    ),
    (
        "ask_age",
        (
            r"\bhow old are you\b|\bwhat(?:'s| is) your age\b|\byour age\?|\bwhen (?:were you born|is your "
            r"birthday|'s your birthday)\b|\bwhat year were you born\b|^age\?|\bwhen(?:'s| is) your "
            r"birthday\b"
        ),
    ),
    (
        "ask_place",
        (
            r"\bwhere (?:are|r|do|were) you (?:from|live|based|living|located|at|right now|now|come from|born|"
            r"grow up|\?|$)|\bwhere are you\b|\bwhich (?:city|country|town) (?:are|do) you\b|\bwhat (?:city|"
            r"country) (?:are|do) you\b|\bwhere's home\b|\bdo you live (?:in|near|alone|with)\b"
        ),
    ),
    (
        "ask_job",
        (
            r"\bwhat do you do(?: for (?:a living|work)|\?|$| all day| these days| when you work)|\bwhat(?:'s|"
            r" is) your (?:job|work|profession|occupation)\b|\bdo you (?:work|have a job|study|like your "
            r"(?:job|work))\b|\bwhere do you work\b|\bhow(?:'s| is| was) (?:your )?work\?|\bhow(?:'s| is| "
            r"was) your (?:work|job|shift)\b"
        ),
    ),
    (
        "ask_doing",
        (
            r"\bwhat (?:are|r|were|you) (?:you )?(?:doing|up to|been up to)\b|\bwhat have you been (?:up to|"
            r"doing)\b|\bwhat did you do (?:today|yesterday|last|this|on)\b|\bwhatcha doing\b|\bwyd\b|"
            r"\bwhat's up\b|\bwassup\b|\bhow(?:'s| is| was) your (?:day|night|evening|weekend|morning|week)\b|"
            r"\bwhat are you (?:wearing|thinking(?: about)?|eating|drinking|reading|watching|cooking|"
            r"listening to)\b|\bany plans (?:for|this|today|tonight)\b.*\byou\b|\bwhat are your plans\b|\bare "
            r"you busy\b"
        ),
    ),
    (
        "ask_favourite",
        (
            r"\b(?:what's|what is|what are|who's|who is|which is|tell me|do you have a|got a) (?:your "
            r")?(?:all-time |absolute )?(?:fav(?:ou?rite|e|s)?)\b|\byour fav(?:ou?rite|e)?\b|\b(?:which|what) "
            r"(?:\w+ )?(?:\w+ )?do you (?:like|prefer|love)\b(?! to\b| doing\b)|\bdo you prefer\b|\b(?:coffee "
            r"or tea|tea or coffee|cats or dogs|dogs or cats|beach or mountains?|mountains? or (?:the "
            r")?(?:beach|sea)|sweet or salty|city or country(?:side)?)\b"
        ),
    ),
    (
        "ask_hobbies",
        (
            r"\b(?:what's|what are|what is|tell me|any|have|do you have(?: any)?) (?:your )?(?:hobby|hobbies|"
            r"interests|passions?)\b|\bwhat do you (?:like|love|enjoy)(?: to do| doing)?\b|\b(?:your|in your|"
            r"with your) (?:free|spare) time\b|\bwhat do you do for fun\b|\bwhat (?:makes you happy|are you "
            r"into|are you passionate)\b|\bdo you (?:like|enjoy|love|play|read|cook|dance|paint|surf|hike|"
            r"travel|watch|listen to|do|drink|eat|run|swim|sing|ski|climb|speak|smoke|drive|believe in|know "
            r"how to)\b(?! (?:me|it|that|this|remember|mind|know)\b)"
        ),
    ),
    (
        "ask_affection",
        (
            r"\bdo you (?:really |still |even |actually |ever )?(?:love|like|miss|want|need|fancy|care about|"
            r"care for|think about|think of) me\b|\bdid you miss me\b|\bwhat are we\b|\bhave you been "
            r"thinking (?:of|about) me\b|\bam i (?:special|important|attractive|your type)\b"
        ),
    ),
    (
        "ask_relationship",
        (
            r"\b(?:are|r) you (?:single|married|taken|seeing (?:any|some)(?:one|body)|dating|in a "
            r"relationship)\b|\bdo you (?:have|got) a (?:boyfriend|girlfriend|husband|wife|partner|lover|"
            r"crush|date)\b|\bhave you (?:ever )?been in love\b|\b(?:marry|date) me\b|\b(?:be|become) my "
            r"(?:girlfriend|boyfriend|wife|husband|partner)\b|\bwill you (?:go out|be) with me\b|\bwhat(?:'s| "
            r"is) your type\b|\bwhat do you look for in\b|\bgo (?:out )?on a date\b"
        ),
    ),
    (
        "ask_about_you",
        (
            r"\btell me (?:something |more |a bit |everything |a little )*about (?:you|yourself)\b|"
            r"\b(?:describe|introduce) yourself\b|\bwhat(?:'s| is| are) you like\b|\bwho is [a-z]+ really\b|"
            r"\btell me a secret\b|\bdo you have (?:any )?(?:siblings|brothers|sisters|family|kids|children|"
            r"pets|a (?:dog|cat|pet|family|car|dream|secret))\b|\bwhat(?:'s| is| are) your (?:dreams?|biggest|"
            r"family|parents|star ?sign|zodiac|hair|eye|height|secret|story|goals?|fears?)\b|\bhow tall are "
            r"you\b|\bwhat scares you\b|\bi want to (?:know|get to know) (?:more about )?you\b|\bwhat about "
            r"(?:you|yourself)\b|^(?:and )?(?:how about )?you\?+$|\bmore about you(?:rself)?\b"
        ),
    ),
    (
        "how_are_you",
        (
            r"\bhow (?:are|r|is it|have|do|you) (?:you |ya )?(?:going|doing|been|feel(?:ing)?|holding up|"
            r"today|tonight|this|now|\?|$|my|sweet|babe|dear|love|then|again|really|keeping)|\bhow are (?:you|"
            r"things)\b|\bhow(?:'s| is) (?:it going|life|everything|things)\b|\byou (?:ok|okay|good|alright|"
            r"all right)\?|\bare you (?:ok|okay|good|alright|happy|well|tired|sad|bored|feeling)\b|\bhow do "
            r"you feel\b|\bhow goes it\b|\bhru\b"
        ),
    ),
)
KINDNESS: tuple[tuple[str, str], ...] = (
    (
        "love",
        (
            r"\bi (?:really |also |so |do |think i(?:'m| am)? |still |just |already )*(?:love|miss|missed|"
            r"adore|want|need|heart|luv) (?:you|u|ya)\b(?! to\b| for)|\b(?:in love with|falling for|crazy "
            r"about|mad about) you\b|\bthinking (?:of|about) you\b|\bthought (?:of|about) you\b|\blove you\b|"
            r"\bmiss(?:ed)? you\b|\bcan't stop thinking\b|\bwish you were here\b|\byou mean (?:so much|a lot|"
            r"the world|everything) to me\b"
        ),
    ),
    (
        "flirt",
        (
            r"\b(?:kiss|kisses|cuddle|cuddles|hug|hugs|hold (?:you|your hand)|snuggle|wink|seduce|flirt|date "
            r"night|dance with me|come (?:over|here)|in my arms|next to (?:me|you)|blush|tease me|touch you|"
            r"be mine|undress)\b|\bif i were there\b|\btake you out\b|\bwhat would you do (?:if|to me)\b|"
            r"\b(?:dinner|drinks?|coffee|date) with (?:me|you)\b"
        ),
    ),
    (
        "compliment",
        (
            r"\byou(?:'re| are| look| sound| seem)(?: \w+){0,2} (?:beautiful|pretty|cute|gorgeous|hot|sexy|"
            r"stunning|lovely|sweet|amazing|awesome|wonderful|adorable|funny|smart|clever|kind|perfect|great|"
            r"nice|the best|charming|attractive|special|fun|incredible|interesting|brilliant|hilarious|cool|"
            r"fantastic|good|an angel)\b|\b(?:i (?:really )?(?:like|love|adore) (?:your|the way you|how you|"
            r"talking (?:to|with) you|chatting with you)|your (?:smile|eyes|voice|hair|laugh|face|name|sense "
            r"of humou?r) (?:is|are)|nice (?:smile|eyes|name|voice|photo|pic))\b|\b(?:what a|such a) "
            r"(?:beautiful|lovely|nice|cute|pretty) (?:name|smile|face|voice|person|woman|man|girl)\b|\byou "
            r"make me (?:happy|smile|laugh|feel)\b|^(?:hey |hi |hello )?(?:beautiful|gorgeous|cutie|sexy)\b|"
            r"\byou(?:'re| are) (?:so |really )?(?:good|easy) to talk to\b|\bbest (?:girl|companion|friend|"
            r"person)\b"
        ),
    ),
    ("thanks", r"\b(?:thanks?|thank you|thankyou|appreciate (?:it|that|you)|grateful|ty|tysm|cheers)\b"),
    (
        "apology",
        r"\b(?:sorry|apologi[sz]e|my bad|forgive me|i was (?:rude|mean|an idiot)|didn't mean (?:to|it|that))\b",
    ),
)
