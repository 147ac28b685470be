"""What may stand neither in a prompt nor in an AI message: links, addresses, ids, storage keys, secrets."""

from __future__ import annotations

import re

_STRONG_ENDINGS = (
    "com|net|org|io|ai|app|dev|tv|ly|gg|xyz|info|biz|edu|gov|ru|de|uk|fr|es|pl|jp|cn|eu|ch|cz|br|mx|au|nl|se|dk|fi|kr"
    "|ua|tr|gr|hu|ro|za|nz|ie|sg|hk|tw|site|online|shop|club|link|live|chat|top|vip|store|tech|blog|cloud|cc|ws|onion"
    "|page|space|world|pro|mobi|pub|sex|xxx|porn|cam|invalid|localhost|local|internal|example"
)
_LABEL = r"[\w-]{1,63}"
_BODY = r"[^\s\"<>]*"
_RUN = r"[A-Za-z0-9_+=-]"

_EMAIL = rf"(?<![\w.+%-])(?:mailto:)?[\w.+%-]{{1,64}}@{_LABEL}(?:\.{_LABEL}){{1,5}}"
_LINKS = (
    rf"(?<![a-z0-9])[a-z][a-z0-9+.-]{{1,20}}:[/\\]{{2}}{_BODY}",
    r"https?:(?=\S)[^\s\"<>]*",
    r"(?<![a-z])(?:javascript|vbscript|mailto|tel|sms|blob):(?=\S)[^\s\"<>]*",
    rf"(?<![a-z])data:[\w/+.-]{{0,60}}[;,]{_BODY}",
    rf"(?<![\w.-])[/\\]{{0,2}}www\d?\.{_BODY}",
    rf"(?<![\w-])[/\\]{{0,2}}(?:{_LABEL}\.){{1,20}}(?:{_STRONG_ENDINGS})(?![\w-])(?::\d{{1,5}})?(?:[/?#\\]{_BODY})?",
    rf"(?<![\w-])[/\\]{{0,2}}(?:{_LABEL}\.){{1,20}}[^\W\d_]{{2,24}}(?::\d{{1,5}})?[/\\]{_BODY}",
    rf"(?<![\w.-])[/\\]{{0,2}}(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![\d.]*\d)(?::\d{{1,5}})?(?:[/?#]{_BODY})?",
    rf"(?<![\w.-])[a-z][\w-]{{0,62}}:\d{{2,5}}/{_BODY}",
    rf"(?<![\w.-])localhost(?::\d{{1,5}}|/){_BODY}",
)
_FILES = r"jpe?g|png|webp|gif|heic|svg|bmp|mp4|mov|webm|mkv|mp3|m4a|wav|ogg|opus|pdf|zip"
_PREFIXES = (
    "chat|incoming|companions?|companion-media|avatars?|backgrounds?|uploads?|media|assets?|gallery|posts?"
    "|quarantine|evidence|private|held|users?|conversations?|renditions?|objects?"
)
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
# What signs a URL comes behind a key of ours that has no host in front of it.
_QUERY = r"(?:\?[^\s\"<>=]{1,100}=[^\s\"<>]*)?"
_KEYS = (
    rf"(?<![\w/.-])[\w./-]{{0,200}}{_UUID}[\w/.-]*{_QUERY}",
    rf"(?<![\w/.-])/?(?:{_PREFIXES})/(?=[\w./-]{{0,200}}\d)[\w./-]+{_QUERY}",
    r"(?<![\w-])(?:Signature|Key-Pair-Id|X-Amz-[\w-]{1,40})=[^\s\"<>]+",
    rf"(?<![\w/.%-])[\w./%-]{{1,300}}\.(?:{_FILES})(?![\w])(?:\?{_BODY})?",
    rf"{_UUID}[\w./-]*{_QUERY}",
    r"(?<![A-Za-z0-9])(?:sk|pk|rk|whsec|ghp|gho|xox[abp]|hf|glpat)[-_](?=[\w-]{0,80}\d)[\w-]{8,}",
    r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,}",
    r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,}\.[\w-]{4,}(?:\.[\w-]*)?",
    rf"(?<!{_RUN})(?=[A-Za-z_+=-]{{0,400}}\d)(?=[\d_+=-]{{0,400}}[A-Za-z]){_RUN}{{28,}}",
    r"(?<![0-9a-f])(?=[a-f]{0,40}\d)(?=\d{0,40}[a-f])[0-9a-f]{20,}(?![0-9a-f])",
)

EMAIL = re.compile(_EMAIL, re.IGNORECASE)
LINK = re.compile("|".join(_LINKS), re.IGNORECASE)
KEY = re.compile("|".join(_KEYS), re.IGNORECASE)
_BEARER = re.compile(
    r"\b(?:(bearer)\s+(?=\S*\d|\S{16})|(token|api[ _-]?key|secret|password)(?:\s*[:=]\s*|\s+)(?=\S*\d))\S{6,}",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(_UUID, re.IGNORECASE)


def redact(text: str) -> str:
    """The text as a model may see it: each link, address, id, key or secret becomes a neutral word (invariant 15)."""
    text = EMAIL.sub("[e-mail]", text)
    text = LINK.sub("[link]", text)
    text = KEY.sub(lambda hit: "[id]" if _IDENTIFIER.fullmatch(hit[0]) else "[key]", text)
    return _BEARER.sub(lambda hit: f"{hit[1] or hit[2]} [key]", text)


def first_hit(word: str) -> re.Match[str] | None:
    """The leftmost thing in a word without white space that an AI message may not hold, or None."""
    hits = [hit for hit in (EMAIL.search(word), LINK.search(word), KEY.search(word)) if hit]
    return min(hits, key=lambda hit: hit.start(), default=None)
