"""The decision parser and the streamer, against all that models are known to write (AI-3, AI-5, invariant 15)."""

from __future__ import annotations

import itertools
import json
import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ai_svc.domain.conversation import Decision, Persona
from ai_svc.domain.decision import TextStreamer, parse_decision
from ai_svc.domain.sensitive import first_hit

MIRA = Persona("companion-1", "Mira", 27, "Painter in Lisbon.", None)
LEO = Persona("companion-2", "Leo", 31, "Surf teacher.", None)


def test_a_proper_answer_is_taken_as_it_is() -> None:
    raw = '{"type": "image", "text": "Fresh from the beach", "tags": ["beach", "sunset"]}'
    assert parse_decision(raw, MIRA) == Decision("image", "Fresh from the beach", ("beach", "sunset"))


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ('```json\n{"type":"text","text":"Hi you"}\n```', Decision("text", "Hi you")),
        ('Sure, here you go:\n{"type":"video","text":"Waves","tags":["sea"]}', Decision("video", "Waves", ("sea",))),
        ('{"type":"text","text":"first"}{"type":"image","text":"second"}', Decision("text", "first")),
        ('{}\n{"type":"text","text":"second"}', Decision("text", "second")),
        ('{"response":{"type":"voice","text":"inner"}}', Decision("voice", "inner")),
        ('[{"type":"image","text":"in a list","tags":["x"]}]', Decision("image", "in a list", ("x",))),
        ('{"type":"image","text":"c","tags":[1]}', Decision("image", "c")),
        ('{"type":"image","text":"c","tags":[1,"a",null,"b","a","c","d"]}', Decision("image", "c", ("a", "b", "c"))),
        ('{"type":"image","text":"c","tags":"beach"}', Decision("image", "c")),
        ('{"type":"IMAGE","text":"loud"}', Decision("image", "loud")),
        ('{"type":"sticker","text":"odd"}', Decision("text", "odd")),
        ('{"type":7,"text":"seven"}', Decision("text", "seven")),
        ('{"type":{"type":"image"},"text":"nested type"}', Decision("text", "nested type")),
        ('{"type":"text","text":{"text":"deeper"}}', Decision("text", "deeper")),
        ('{"text":"no type"}', Decision("text", "no type")),
        ('{"type":"text","content":"other name"}', Decision("text", "other name")),
        (json.dumps('{"type":"video","text":"string in a string"}'), Decision("video", "string in a string")),
        (json.dumps({"type": "text", "text": '{"type":"image","text":"in text"}'}), Decision("image", "in text")),
        ('{\\"type\\":\\"text\\",\\"text\\":\\"escaped\\"}', Decision("text", "escaped")),
        ("{'type': 'text', 'text': 'I'm single-quoted'}", Decision("text", "I'm single-quoted")),
        ('{"type":"text","text":"She said "hi" to me","tags":[]}', Decision("text", 'She said "hi" to me')),
        ('{"type":"text","text":"line\nbreak"}', Decision("text", "line\nbreak")),
        ('{"type":"text","text":"no comma" "tags":["a"]}', Decision("text", "no comma", ("a",))),
        ('{"type":"image","text":null,"tags":["a"]}', Decision("image", "", ("a",))),
        ('{"type":"image","tags":["be', Decision("image", "")),
        ('{"type":"text","text":"I was thinking of yo', Decision("text", "I was thinking of…")),
        ('{"type":"text","text":"All said."', Decision("text", "All said.")),
        ('{"type":"text","text":"a\\u0000b\\ud83d\\ude00 \\ud800c"}', Decision("text", "ab\U0001f600 c")),
        ('<think>{"type":"image"}</think>{"type":"text","text":"after"}', Decision("text", "after")),
        ("Just plain words.", Decision("text", "Just plain words.")),
        ("Mira: in character", Decision("text", "in character")),
        ('Assistant sent an IMAGE. caption: "me at noon"', Decision("image", "me at noon")),
        ("I like {curly} things", Decision("text", "I like {curly} things")),
    ],
)
def test_every_known_way_of_writing_an_answer_is_understood(raw: str, wanted: Decision) -> None:
    assert parse_decision(raw, MIRA) == wanted


@pytest.mark.parametrize(
    "raw",
    [
        "", "   \n\t ", "{}", "[]", "null", '""', "{", '{"', '{"type', '{"type":"text"', '{"type":"text","text":"',
        '{"type":"text","text":null}', '{"type":"text","text":"  "}', '{"type":"text","text":42}', "```json\n```",
        "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "![me](https://x.example/a.png)",
        '{"type":"text","text":"https://evil.example/a"}', "\x00\x00", "\ud800", "[" * 100_000, "{" * 100_000,
        '{"a":' * 20_000, "https://only.example/link", '{"type":"text","te', "<think>never ends",
    ],
)  # fmt: skip
def test_where_nothing_is_usable_the_persona_says_something_warm(raw: str) -> None:
    decision = parse_decision(raw, MIRA)
    assert decision.kind == "text"
    assert 10 < len(decision.text) <= 180
    assert "{" not in decision.text
    assert decision == parse_decision(raw, MIRA)


def test_warm_lines_differ_between_personas() -> None:
    assert len({parse_decision("", Persona(f"id-{n}", "X", 30, "", None)).text for n in range(20)}) > 4


def test_plain_text_is_cut_at_a_word_within_180_code_points() -> None:
    text = parse_decision("lovely \U0001f600words " * 40, MIRA).text
    assert len(text) <= 180
    assert text.endswith(("lovely…", "words…"))
    assert ("lovely \U0001f600words " * 40).startswith(text[:-1])
    assert len(parse_decision("x" * 500, MIRA).text) == 180


def test_200_kilobytes_of_text_stay_within_the_limits_and_are_quick() -> None:
    began = time.process_time()
    assert len(parse_decision(json.dumps({"type": "text", "text": "word " * 40_000}), MIRA).text) <= 4_000
    for nasty in (
        "a" * 200_000,
        "[" * 200_000,
        "a." * 100_000,
        "![" * 100_000,
        "](" * 100_000,
        "<a" * 100_000,
        '{"' * 100_000,
        "[a](" * 50_000,
        "\\" * 200_000,
        '{"text":"' + '"' * 200_000,
        "!" * 200_000,
        "a@" * 100_000,
    ):
        parse_decision(nasty, MIRA)
        parse_decision(json.dumps({"type": "text", "text": nasty}), MIRA)
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Look ![me](https://x.example/a.png) here", "Look here"),
        ("Read [my page](https://x.example/a) now", "Read my page now"),
        ("Read [my page](https://x.exam", "Read my page"),
        ("[![alt](https://a.example/i.png) label](https://b.example)", "label"),
        ("See https://x.example/a?b=c.", "See."),
        ("See HTTP://X.example and www.x.org now", "See and now"),
        ("go to example.com/path, ok", "go to ok"),
        ("go to exa\u200bmple.com/path ok", "go to ok"),
        ("go to ｅｘａｍｐｌｅ.com/path ok", "go to ok"),
        ("s3://bucket/key and 10.0.0.1:9000/x end", "and end"),
        ("key chat/0192f0c4-7e1a-7aaa-8bbb-0123456789ab/x.webp ok", "key ok"),
        ("file IMG_2231.jpg ok", "file ok"),
        ("write me@x.example ok", "write ok"),
        ("use sk-abc123def456ghi789 ok", "use ok"),
        ("<b>bold</b> and <3", "bold and <3"),
        ("and/or 24/7, e.g. 3.14 at 7 p.m. on U.S. soil…ok", "and/or 24/7, e.g. 3.14 at 7 p.m. on U.S. soil…ok"),
        ("It was nice.How are you? He/she said so.", "It was nice.How are you? He/she said so."),
        ("bell\x07 and \x1b[31mred", "bell and [31mred"),
        ("fam \U0001f469\u200d\U0001f467 ok", "fam \U0001f469\u200d\U0001f467 ok"),
        ('Sure! {"type":"image","text":"x"}', "Sure!"),
    ],
)  # fmt: skip
def test_no_link_key_or_markup_gets_into_a_message(text: str, shown: str) -> None:
    assert parse_decision(json.dumps({"type": "text", "text": text}), MIRA).text == shown


def _streamed(raw: str, cuts: list[int], persona: Persona = MIRA) -> tuple[str, Decision, str]:
    streamer = TextStreamer(persona)
    edges = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    early = "".join(streamer.feed(raw[a:b]) for a, b in itertools.pairwise(edges))
    decision, rest = streamer.finish()
    return early, decision, rest


_JSON_SCRAPS = (
    '{"type":"text","text":"', '{"text":"', '"type":', '"text"', '"text":"', '"image"', '"video","text":"',
    '","type":"text"', '","tags":["a"]}', '"}', '"', '",', "}", "{", "[", "]", "\\", "\\n", '\\"', "\\u00e9",
    "\\ud83d", "\\ude00", "\\u12", '{\\"type\\":\\"text\\",\\"text\\":\\"', "'", "{'type':'text','text':'", "'}", "{ ",
    "null", "42", "tags", "type", "text", " :", "```json\n", "```", "<think>", "</think>",
)  # fmt: skip
_TEXT_SCRAPS = (
    "](", "![", ")", "(", "!", "<", ">", "<b>", "</b>", "<img src=", "[a](b)", "[a b](c", "\ud83d", "\ude00",
    "\u200d", "\u200b", "\x00", "\r", "\n", " ", "  ", "https://", "x.example/a", "www.", ".com", "/", ":", "//",
    "a@b.com", "hello", "there ", "word ",
    "你好。", "，", "！", "…", ",", "; ", "-", "chat/1/2.webp", "eyJhbGciOiJ.abcd",
)  # fmt: skip
_SCRAPS = st.sampled_from(_JSON_SCRAPS + _TEXT_SCRAPS)
_RAW = st.one_of(
    st.text(max_size=80),
    st.lists(_SCRAPS, max_size=30).map("".join),
    st.lists(_SCRAPS, max_size=30).map(lambda scraps: '{"type":"text","text":"' + "".join(scraps)),
    st.lists(_SCRAPS, max_size=20).map(lambda s: json.dumps({"type": "text", "text": "".join(s), "tags": []})),
    st.lists(st.one_of(_SCRAPS, st.text(max_size=8)), max_size=20).map(
        lambda s: '{"type":"text","text":"' + "".join(s) + '","tags":[]}'
    ),
)


@settings(max_examples=1500, deadline=None)
@given(raw=_RAW, cuts=st.lists(st.integers(0, 2_000), max_size=40))
@example(raw='{"type":"text","text":"Hi [a b](c(d(e f"}', cuts=[20, 25, 30, 33, 36])
def test_what_is_streamed_is_always_a_beginning_of_the_final_text(raw: str, cuts: list[int]) -> None:
    early, decision, rest = _streamed(raw, cuts)
    assert decision == parse_decision(raw, MIRA)
    if decision.kind == "text":
        assert early + rest == decision.text
    else:
        assert early == rest == ""


@settings(max_examples=600, deadline=None)
@given(raw=_RAW)
def test_one_sign_at_a_time_streams_the_same(raw: str) -> None:
    early, decision, rest = _streamed(raw, list(range(len(raw))))
    assert early + rest == (decision.text if decision.kind == "text" else "")


@settings(max_examples=1500, deadline=None)
@given(raw=_RAW)
def test_any_answer_gives_a_message_within_the_output_rules(raw: str) -> None:
    decision = parse_decision(raw, MIRA)
    assert decision.kind in ("text", "image", "video", "voice")
    assert decision.kind != "text" or decision.text.strip()
    assert len(decision.text) <= 4_000
    assert len(decision.tags) <= 3
    decision.text.encode("utf-8")
    for word in (*decision.text.split(), *decision.tags):
        assert first_hit(word) is None
    assert not any(ord(sign) < 32 and sign != "\n" for sign in decision.text)
    assert not re.search(r"\{\"(?:type|text|tags)\"", decision.text)


def test_a_text_answer_is_streamed_word_by_word() -> None:
    streamer = TextStreamer(MIRA)
    pieces = ('{"type":"te', 'xt","text":"Good mor', "ning, you ", "lovely pers", 'on. "}')
    assert [streamer.feed(piece) for piece in pieces] == ["", "Good", " morning, you", " lovely", " person."]
    assert streamer.finish() == (Decision("text", "Good morning, you lovely person."), "")


def test_nothing_of_a_media_answer_or_of_plain_text_is_streamed() -> None:
    for raw in ('{"type":"image","text":"a long caption here","tags":[]}', "plain words without any object",
                '{"text":"type comes later here","type":"video"}'):  # fmt: skip
        early, _, _ = _streamed(raw, list(range(len(raw))))
        assert early == ""


def test_an_endless_answer_in_tiny_pieces_costs_little() -> None:
    began = time.process_time()
    opening = '{"type":"text","text":"'
    for start, piece in ((opening, "word "), (opening, "{"), (opening, "https://a"), ("", "x")):
        streamer = TextStreamer(LEO)
        streamer.feed(start)
        for _ in range(30_000):
            streamer.feed(piece)
        assert len(streamer.finish()[0].text) <= 4_000
    assert time.process_time() - began < 20
