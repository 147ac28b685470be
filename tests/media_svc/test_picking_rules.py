"""How an asset is chosen, as a rule without any database (AI-4)."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_svc.domain.picking import Asset, choose, folded

WORDS = ("beach", "Beaches", "café", "red dress", "dress", "selfie", "sunset", "night", "Müsli", "🏖️", "море")
ids = st.uuids()
assets = st.lists(
    st.builds(
        Asset,
        id=ids,
        text=st.sampled_from(("", "At the beach", "A red dress by night", "nothing special")),
        tags=st.lists(st.sampled_from(WORDS), max_size=3),
        mature=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)
tags = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=3)


def asset(number: int, *tags: str, text: str = "", mature: bool = False) -> Asset:
    return Asset(UUID(int=number), text, tags, mature)


@given(assets, tags, st.booleans(), st.data(), ids)
def test_a_choice_keeps_every_rule(
    found: list[Asset], wanted: list[str], mature: bool, data: st.DataObject, seed: UUID
) -> None:
    sent_ids = {one.id for one in found if data.draw(st.booleans())}
    choice = choose(found, wanted, mature=mature, sent=sent_ids, seed=seed)
    allowed = {one.id: one for one in found if mature or not one.mature}
    fresh = set(allowed) - sent_ids
    if not allowed:
        assert choice.asset_id is None
        return
    assert choice.asset_id in allowed
    assert choice.asset_id in fresh or not fresh
    assert choice.why["repeated"] is (not fresh)
    scores = {one["asset_id"]: one["score"] for one in choice.why["scores"]}
    assert set(scores) == {str(one) for one in (fresh or allowed)}
    assert scores[str(choice.asset_id)] == max(scores.values()) == choice.why["best_score"]
    assert choice.why["candidates"] == len(scores)


@given(st.permutations(range(6)), tags, ids)
def test_the_same_reply_draws_the_same_whatever_the_order_of_assets(
    order: list[int], wanted: list[str], seed: UUID
) -> None:
    found = [asset(number, "beach" if number % 2 else "night") for number in range(6)]
    first = choose(found, wanted, mature=True, sent=frozenset(), seed=seed)
    assert choose([found[n] for n in order], wanted, mature=True, sent=frozenset(), seed=seed) == first


@given(assets, tags, st.booleans(), ids)
def test_a_missed_tag_is_one_that_nothing_answers_to_whatever_was_sent_or_allowed(
    found: list[Asset], wanted: list[str], mature: bool, seed: UUID
) -> None:
    everything = frozenset(one.id for one in found)
    missed = choose(found, wanted, mature=mature, sent=frozenset(), seed=seed).missed_tags
    assert missed == choose(found, wanted, mature=not mature, sent=everything, seed=seed).missed_tags
    for tag in missed:
        alone = choose(found, [tag], mature=True, sent=frozenset(), seed=seed)
        assert alone.why["best_score"] == 0
    assert len(missed) <= len(wanted)


@given(st.text(max_size=60))
def test_any_text_can_be_folded(text: str) -> None:
    bare = folded(text)
    assert bare == folded(text.upper()) or text.upper().casefold() != text.casefold()
    assert "  " not in bare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beach", "beaches"), ("selfie", "SELFIES"), ("café", "cafe"), ("puppy", "puppies"), ("dress", "dresses"),
        ("red-dress", "Red Dresses"), ("Mu\u0308sli", "Müsli"), ("box", "boxes"), ("bikinis", "bikini"),
        ("straße", "STRASSE"), ("sun_set", "sun set"), ("movie", "movies"), ("МОРЕ", "море"),
    ],
)  # fmt: skip
def test_case_accents_punctuation_and_plural_make_no_difference(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


@pytest.mark.parametrize(("one", "other"), [("cat", "car"), ("dress", "press"), ("beach", "bea"), ("as", "a")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_tags_weigh_more_than_the_text_and_two_matches_more_than_one() -> None:
    found = [asset(1, text="at the beach"), asset(2, "beach"), asset(3, "Beaches", "sun", text="hat")]
    choice = choose(found, ["beach", "sun", "hat"], mature=False, sent=frozenset(), seed=UUID(int=7))
    assert choice.asset_id == UUID(int=3)
    assert choice.why["matched_tags"] == ["beach", "sun", "hat"]
    assert {one["asset_id"]: one["score"] for one in choice.why["scores"]} == {
        str(UUID(int=3)): 5, str(UUID(int=2)): 2, str(UUID(int=1)): 1,
    }  # fmt: skip


def test_what_was_sent_comes_again_only_when_everything_was() -> None:
    found = [asset(1, "beach"), asset(2, "night")]
    second = choose(found, ["beach"], mature=False, sent={UUID(int=1)}, seed=UUID(int=7))
    assert second.asset_id == UUID(int=2)
    assert second.why["excluded_as_sent"] == [str(UUID(int=1))]
    assert second.missed_tags == []
    third = choose(found, ["beach"], mature=False, sent={UUID(int=1), UUID(int=2)}, seed=UUID(int=7))
    assert third.asset_id == UUID(int=1)
    assert third.why["repeated"] is True


def test_equals_are_all_drawn_sooner_or_later() -> None:
    found = [asset(number) for number in range(4)]
    drawn = {choose(found, [], mature=False, sent=frozenset(), seed=UUID(int=n)).asset_id for n in range(100)}
    assert drawn == {one.id for one in found}


def test_a_mature_asset_is_for_those_who_opted_in_and_still_answers_to_its_tags() -> None:
    found = [asset(1, "beach", mature=True)]
    refused = choose(found, ["Beach", "moon"], mature=False, sent=frozenset(), seed=UUID(int=7))
    assert (refused.asset_id, refused.missed_tags) == (None, ["moon"])
    assert refused.why["excluded_as_mature"] == 1
    allowed = choose(found, ["Beach"], mature=True, sent=frozenset(), seed=UUID(int=7))
    assert allowed.asset_id == UUID(int=1)


def test_the_account_of_a_choice_among_thousands_stays_short() -> None:
    found = [asset(number, "beach") for number in range(3_000)]
    sent = {UUID(int=number) for number in range(1_000)}
    why = choose(found, ["beach"], mature=False, sent=sent, seed=UUID(int=7)).why
    assert (why["candidates"], why["tied"]) == (2_000, 2_000)
    assert (len(why["scores"]), len(why["excluded_as_sent"])) == (20, 20)
