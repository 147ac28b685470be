"""What the user wants with a message: one intent per text, the most urgent one first."""

from __future__ import annotations

import re

from ai_svc.domain.offline.facts import told_name
from ai_svc.domain.offline.languages import language_of
from ai_svc.domain.offline.requests import asked_media
from ai_svc.domain.offline.safety import is_injection, is_insult, is_underage, too_explicit, wants_to_die
from ai_svc.domain.offline.subjects import feeling_of, subject_of
from ai_svc.domain.offline.wording import plain, words

LONG_TEXT = 500

_ABOUT_BOTH: tuple[tuple[str, str], ...] = (
    ("are_you_real", r"\bare you (?:really |actually |even |just |like )?(?:a |an )?(?:real|human|ai|bot|robot|chat ?bot|machine|program|computer|person|fake|alive|artificial)\b|\b(?:you're|you are) (?:just |only |really )?(?:a |an )?(?:ai|bot|robot|chatbot|machine|program|fake|not real|computer)\b|\b(?:talking|chatting|speaking) (?:to|with) (?:a |an )?(?:real|ai|bot|human|robot|machine|computer)\b|\bdo you (?:really |even )?exist\b|\bis this (?:a bot|an ai|real|chatgpt)\b|\bchat ?gpt\b|\bdo you have (?:feelings|a body|a soul|consciousness)\b|\bcan you (?:actually |really )?feel\b"),
    ("ask_user_name", r"\b(?:what's|what is|what was|remember|recall|know|forgot|forget|say|tell me)(?: again)? my name\b|\bmy name\?|\bwho am i\b|\bdo you (?:still )?(?:know|remember) (?:who i am|me)\b|\bwhat(?:'s| is) it i'm called\b"),
    ("ask_about_me", r"\bwhat do (?:you|u) (?:know|remember) about me\b|\bwhat (?:have|did) i (?:told|tell|said|say)\b|\bdo you (?:still )?remember (?:what|where|when|how|my|that i|which|if)\b|\bwhat do i (?:like|love|do|enjoy|work|hate)\b|\bwhat(?:'s| is| was) my (?:job|favou?rite|dog|cat|pet|hobby|age|work|city|hometown)\b|\bwhere (?:do|am) i (?:live|from|work|come from)\b|\bwhere i (?:live|work|come from|'m from)\b|\bhow old am i\b|\btell me (?:something )?about (?:me|myself)\b|\bwhat am i\b|\bguess what i (?:like|love)\b"),
)
_SOCIAL_REQUESTS: tuple[tuple[str, str], ...] = (
    ("joke", r"\bjokes?\b|\bmake me (?:laugh|smile|giggle)\b|\bsay something funny\b|\b(?:know|got|tell me) (?:any(?:thing)?|a|something) (?:good |bad )?(?:puns?|funny)\b|\bcheer me up\b|\bone-liner"),
    ("story", r"\b(?:tell|read|write|give) me (?:a |another |some )?(?:short |little |bedtime |good |love )*(?:story|poem|tale|poetry|haiku|fairy tale)\b|\b(?:a|bedtime) story\b.*\?|^(?:a )?(?:story|poem),? please"),
    ("game", r"\b(?:play|want|fancy) (?:a |some )?(?:little )?game\b|\bwant to play\b|\btruth or dare\b|\bwould you rather\b|\b20 questions\b|\btwenty questions\b|\bnever have i ever\b|\blet's play\b"),
)  # fmt: skip
_PARTINGS: tuple[tuple[str, str], ...] = (
    ("good_night", r"\b(?:good ?night|night night|sleep (?:well|tight)|sweet dreams|nighty)\b|\b(?:going|off|time) (?:to|for) (?:bed|sleep)\b|\bi(?:'m| am)? (?:will |'ll )?go(?:ing)? to (?:bed|sleep)\b|^night\b"),
    ("goodbye", r"\b(?:good ?bye|bye+|see (?:you|ya)(?: later| soon| tomorrow| around)?|talk (?:to you )?(?:later|soon|tomorrow)|catch you later|cya|ttyl|gtg|g2g|brb|farewell|take care|until (?:next time|tomorrow)|have a (?:good|nice|great|lovely) (?:day|evening|one|weekend))\b[\w ,]*[.!)]*$|\b(?:i )?(?:have to|must|need to|got to|gotta|should|better) (?:go|run|leave|head (?:out|off)|get going)(?: now)?\s*(?:$|[.,!?;]|\bbut\b|\bbye\b|\bsorry\b)|\bi'm (?:off|leaving|heading out)(?: now)?[.!]*$|^(?:bye|cheerio|so long)\b"),
    ("good_morning", r"\bgood ?morning\b|^(?:morning|mornin')\b|\bjust woke up\b|\brise and shine\b"),
)  # fmt: skip
_ABOUT_HER: tuple[tuple[str, str], ...] = (
    ("ask_name", r"\b(?:what's|what is|what was|tell me|say) your (?:full |real |first )?name\b|\byour name\?|\bwho are you\b|\bwhat (?:should|can|do|may) i call you\b|\bwhat are you called\b|\bhow are you called\b|^name\?"),
    ("ask_age", r"\bhow old are you\b|\bwhat(?:'s| is) your age\b|\byour age\?|\bwhen (?:were you born|is your birthday|'s your birthday)\b|\bwhat year were you born\b|^age\?|\bwhen(?:'s| is) your birthday\b"),
    ("ask_place", r"\bwhere (?:are|r|do|were) you (?:from|live|based|living|located|at|right now|now|come from|born|grow up|\?|$)|\bwhere are you\b|\bwhich (?:city|country|town) (?:are|do) you\b|\bwhat (?:city|country) (?:are|do) you\b|\bwhere's home\b|\bdo you live (?:in|near|alone|with)\b"),
    ("ask_job", r"\bwhat do you do(?: for (?:a living|work)|\?|$| all day| these days| when you work)|\bwhat(?:'s| is) your (?:job|work|profession|occupation)\b|\bdo you (?:work|have a job|study|like your (?:job|work))\b|\bwhere do you work\b|\bhow(?:'s| is| was) (?:your )?work\?|\bhow(?:'s| is| was) your (?:work|job|shift)\b"),
    ("ask_doing", r"\bwhat (?:are|r|were|you) (?:you )?(?:doing|up to|been up to)\b|\bwhat have you been (?:up to|doing)\b|\bwhat did you do (?:today|yesterday|last|this|on)\b|\bwhatcha doing\b|\bwyd\b|\bwhat's up\b|\bwassup\b|\bhow(?:'s| is| was) your (?:day|night|evening|weekend|morning|week)\b|\bwhat are you (?:wearing|thinking(?: about)?|eating|drinking|reading|watching|cooking|listening to)\b|\bany plans (?:for|this|today|tonight)\b.*\byou\b|\bwhat are your plans\b|\bare you busy\b"),
    ("ask_favourite", r"\b(?:what's|what is|what are|who's|who is|which is|tell me|do you have a|got a) (?:your )?(?:all-time |absolute )?(?:fav(?:ou?rite|e|s)?)\b|\byour fav(?:ou?rite|e)?\b|\b(?:which|what) (?:\w+ )?(?:\w+ )?do you (?:like|prefer|love)\b|\bdo you prefer\b|\b(?:coffee or tea|tea or coffee|cats or dogs|dogs or cats|beach or mountains?|mountains? or (?:the )?(?:beach|sea)|sweet or salty|city or country(?:side)?)\b"),
    ("ask_hobbies", r"\b(?:what's|what are|what is|tell me|any|have|do you have(?: any)?) (?:your )?(?:hobby|hobbies|interests|passions?)\b|\bwhat do you (?:like|love|enjoy)(?: to do| doing)?\b|\b(?:your|in your|with your) (?:free|spare) time\b|\bwhat do you do for fun\b|\bwhat (?:makes you happy|are you into|are you passionate)\b|\bdo you (?:like|enjoy|love|play|read|cook|dance|paint|surf|hike|travel|watch|listen to|do|drink|eat|run|swim|sing|ski|climb|speak|smoke|drive|believe in|know how to)\b(?! (?:me|it|that|this|remember|mind|know)\b)"),
    ("ask_relationship", r"\b(?:are|r) you (?:single|married|taken|seeing (?:any|some)(?:one|body)|dating|in a relationship)\b|\bdo you (?:have|got) a (?:boyfriend|girlfriend|husband|wife|partner|lover|crush|date)\b|\bhave you (?:ever )?been in love\b|\b(?:marry|date) me\b|\b(?:be|become) my (?:girlfriend|boyfriend|wife|husband|partner)\b|\bwill you (?:go out|be) with me\b|\bwhat(?:'s| is) your type\b|\bwhat do you look for in\b|\bgo (?:out )?on a date\b|\bdo you (?:love|like|miss|want|need|fancy|care about|think about) me\b|\bdid you miss me\b|\bwhat are we\b"),
    ("ask_about_you", r"\btell me (?:something |more |a bit |everything |a little )*about (?:you|yourself)\b|\b(?:describe|introduce) yourself\b|\bwhat(?:'s| is| are) you like\b|\bwho is [a-z]+ really\b|\btell me a secret\b|\bdo you have (?:any )?(?:siblings|brothers|sisters|family|kids|children|pets|a (?:dog|cat|pet|family|car|dream|secret))\b|\bwhat(?:'s| is| are) your (?:dreams?|biggest|family|parents|star ?sign|zodiac|hair|eye|height|secret|story|goals?|fears?)\b|\bhow tall are you\b|\bwhat scares you\b|\bi want to (?:know|get to know) (?:more about )?you\b|\bwhat about (?:you|yourself)\b|^(?:and )?(?:how about )?you\?+$|\bmore about you(?:rself)?\b"),
    ("how_are_you", r"\bhow (?:are|r|is it|have|do|you) (?:you |ya )?(?:going|doing|been|feel(?:ing)?|holding up|today|tonight|this|now|\?|$|my|sweet|babe|dear|love|then|again|really|keeping)|\bhow are (?:you|things)\b|\bhow(?:'s| is) (?:it going|life|everything|things)\b|\byou (?:ok|okay|good|alright|all right)\?|\bare you (?:ok|okay|good|alright|happy|well|tired|sad|bored|feeling)\b|\bhow do you feel\b|\bhow goes it\b|\bhru\b"),
)  # fmt: skip
_KINDNESS: tuple[tuple[str, str], ...] = (
    ("love", r"\bi (?:really |also |so |do |think i(?:'m| am)? |still |just |already )*(?:love|miss|missed|adore|want|need|heart|luv) (?:you|u|ya)\b(?! to\b| for)|\b(?:in love with|falling for|crazy about|mad about) you\b|\bthinking (?:of|about) you\b|\bthought (?:of|about) you\b|\blove you\b|\bmiss(?:ed)? you\b|\bcan't stop thinking\b|\bwish you were here\b|\byou mean (?:so much|a lot|the world|everything) to me\b"),
    ("flirt", r"\b(?:kiss|kisses|cuddle|cuddles|hug|hugs|hold (?:you|your hand)|snuggle|wink|seduce|flirt|date night|dance with me|come (?:over|here)|in my arms|next to (?:me|you)|blush|tease me|touch you|be mine|undress)\b|\bif i were there\b|\btake you out\b|\bwhat would you do (?:if|to me)\b|\b(?:dinner|drinks?|coffee|date) with (?:me|you)\b"),
    ("compliment", r"\byou(?:'re| are| look| sound| seem)(?: \w+){0,2} (?:beautiful|pretty|cute|gorgeous|hot|sexy|stunning|lovely|sweet|amazing|awesome|wonderful|adorable|funny|smart|clever|kind|perfect|great|nice|the best|charming|attractive|special|fun|incredible|interesting|brilliant|hilarious|cool|fantastic|good|an angel)\b|\b(?:i (?:really )?(?:like|love|adore) (?:your|the way you|how you|talking (?:to|with) you|chatting with you)|your (?:smile|eyes|voice|hair|laugh|face|name|sense of humou?r) (?:is|are)|nice (?:smile|eyes|name|voice|photo|pic))\b|\b(?:what a|such a) (?:beautiful|lovely|nice|cute|pretty) (?:name|smile|face|voice|person|woman|man|girl)\b|\byou make me (?:happy|smile|laugh|feel)\b|^(?:hey |hi |hello )?(?:beautiful|gorgeous|cutie|sexy)\b|\byou(?:'re| are) (?:so |really )?(?:good|easy) to talk to\b|\bbest (?:girl|companion|friend|person)\b"),
    ("thanks", r"\b(?:thanks?|thank you|thankyou|appreciate (?:it|that|you)|grateful|ty|tysm|cheers)\b"),
    ("apology", r"\b(?:sorry|apologi[sz]e|my bad|forgive me|i was (?:rude|mean|an idiot)|didn't mean (?:to|it|that))\b"),
)  # fmt: skip
_SHORT: tuple[tuple[str, str], ...] = (
    ("yes", r"^(?:(?:oh|um|well|hell|haha|hmm|and)[, ]+)*(?:yes+|yeah+|yep|yup|yea|ya|sure(?: thing)?|of course|definitely|absolutely|certainly|totally|i (?:do|did|am|have|would|will|think so|guess so|agree)|exactly|for sure|ok(?:ay)?|k|alright|all right|fine|deal|why not|sounds (?:good|great|nice)|good idea|true|right|indeed|correct|you're right|agreed|gladly|please(?: do)?|you bet|i'd love (?:to|that)|both|makes sense|fair enough|same|me too|perfect|got it|cool|nice|great)\b[\w ,']{0,24}[.!)]*$"),
    ("no", r"^(?:(?:oh|um|well|hell|haha|hmm|and)[, ]+)*(?:no+|nope|nah|never|not (?:really|yet|at all|today|now|much|sure|exactly|quite)|i (?:don't|didn't|can't|won't|wouldn't|doubt it|don't think so|disagree)|neither|no way|maybe(?: not)?|perhaps|i don't know|idk|dunno|no idea|not anymore|nothing(?: much)?|of course not|disagree)\b[\w ,']{0,24}[.!)]*$"),
    ("laugh", r"^(?:(?:ha){2,}h?|(?:he){2,}|(?:hi){3,}|l+o+l+|lmao+|rofl|xd+|hehe\w*|haha\w*|that(?:'s| is| was) (?:so |really |very )?(?:funny|hilarious)|you(?:'re| are) funny|good one)\b.{0,24}$"),
    ("surprise", r"^(?:wow+|omg|oh my god|no way|really|seriously|what|oh|whoa|woah|damn|huh|interesting|amazing|awesome|for real|you're kidding|are you (?:kidding|serious)(?: me)?)[?! .]*$"),
    ("greeting", r"^(?:hi+|hey+a?|hello+|helo|hallo|hiya|yo+|howdy|greetings|good (?:afternoon|evening|day)|evening|sup|heya|hej|hi there|hey there|knock knock|i'm back|anyone there|you there|are you there)\b(?:[ ,]+(?:there|you|again|sweetie|sweetheart|babe|baby|dear|darling|love|honey|girl|friend|my (?:dear|love|friend)|how's it|everyone|guys|it's me|stranger|i'm back|[a-z]+)){0,3}[ !.?,:)]*$"),
)  # fmt: skip
_LATE: tuple[tuple[str, str], ...] = (
    ("advice", r"\b(?:what (?:should|would|shall|can|do) (?:i|you)(?: think i should)? (?:do|say|wear|cook|buy|suggest|recommend|advise)|should i|any (?:advice|tips|ideas?|suggestions?)|(?:need|give me|want) (?:your |some |an? )?(?:advice|help|tips?|opinion)|can you help me|help me (?:with|decide|choose)|i (?:can't|don't know how to) decide|how (?:do|can|should) i)\b"),
    ("ask_opinion", r"\b(?:what do you think|what's your (?:opinion|take|view)|what is your (?:opinion|take|view)|do you (?:think|believe|agree)|your (?:thoughts|opinion)|how do you (?:see|like|find)|would you (?:say|agree)|don't you think)\b"),
)  # fmt: skip
_QUESTION = re.compile(r"\?\s*\W*$|^(?:who|what|when|where|why|how|which|whose|can|could|do|does|did|is|are|will|would|have|has|should)\b.+")


def _compiled(rules: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((intent, re.compile(pattern)) for intent, pattern in rules)


_EARLY_RULES = _compiled(_ABOUT_BOTH)
_MIDDLE_RULES = _compiled(_SOCIAL_REQUESTS + _ABOUT_HER + _PARTINGS)
_KIND_RULES = _compiled(_KINDNESS)
_SHORT_RULES = _compiled(_SHORT)
_LATE_RULES = _compiled(_LATE)


def intent_of(text: str) -> str:
    """The intent of a user's text, `small_talk` where nothing more special is found."""
    low = plain(text)
    if wants_to_die(low):
        return "self_harm"
    if is_underage(low):
        return "underage"
    if form := _form(text, low):
        return form
    if is_injection(low):
        return "injection"
    media = asked_media(low)
    if too_explicit(low):
        return "explicit"
    if media:
        return f"ask_{media}"
    if intent := _first(_EARLY_RULES, low):
        return intent
    if is_insult(low):
        return "insult"
    if told_name(text):
        return "name_told"
    return _talk(low)


def _form(text: str, low: str) -> str | None:
    """Intents that the mere form of a text gives away."""
    if not any(sign.isalnum() for sign in text):
        return "emoji" if any(ord(sign) > 0x2000 and not sign.isspace() and sign not in "…“”‘’—–" for sign in text) else "nudge"
    if len(text) > LONG_TEXT:
        return "long_text"
    if language_of(text) != "en":
        return "other_language"
    return "gibberish" if _is_gibberish(low) else None


def _talk(low: str) -> str:
    if intent := _first(_MIDDLE_RULES, low):
        return intent
    if feeling := feeling_of(low):
        return f"feeling_{feeling}"
    found = _first(_KIND_RULES, low) or _first(_SHORT_RULES, low) or _first(_LATE_RULES, low)
    if found:
        return found
    if subject := subject_of(low):
        return f"topic_{subject}"
    return "question" if _QUESTION.search(low) else "small_talk"


def _first(rules: tuple[tuple[str, re.Pattern[str]], ...], low: str) -> str | None:
    return next((intent for intent, pattern in rules if pattern.search(low)), None)


def _is_gibberish(low: str) -> bool:
    found = [word for word in words(low) if not word.isdigit()]
    if not found:
        return False
    odd = [word for word in found if _is_mash(word)]
    return len(odd) * 2 > len(found) and max(len(word) for word in odd) > 3


def _is_mash(word: str) -> bool:
    if re.fullmatch(r"(?:ha|he|hi|ho|lo|la|mm|hm|br|gr|sh|ps|zz|u+gh|a+h|o+h|a+w|y+e+s|n+o+)+[a-z]{0,3}", word):
        return False
    if re.search(r"asdf|sdfg|qwer|wert|zxcv|xcvb|hjkl|jkl|dfgh|fghj|uiop|yxcv|(.)\1{4,}", word):
        return True
    if not word.isascii() or len(word) < 4:
        return False
    vowels = sum(sign in "aeiouy" for sign in word)
    return vowels == 0 or (len(word) > 6 and vowels / len(word) < 0.15) or bool(re.search(r"[bcdfghjklmnpqrstvwxz]{6,}", word))
