"""What the classifiers see, and what it means (MEDIA-4)."""

import pytest

from media_svc.domain.policy import (
    NUDENET_LABELS,
    NUDENET_RULES,
    REKOGNITION_RULES,
    Box,
    Detection,
    NamedRule,
    SeenRule,
    fingerprint,
    flag_of_detections,
    flag_of_labels,
    is_young,
    worst,
)

SMALL = Box(0.4, 0.4, 0.1, 0.1)
LARGE = Box(0.2, 0.2, 0.5, 0.5)
ELSEWHERE = Box(0.8, 0.8, 0.1, 0.1)


def seen(label: str, score: float = 0.8, box: Box = SMALL) -> Detection:
    return Detection(label, score, box)


def test_a_picture_in_which_nothing_is_seen_is_safe() -> None:
    assert flag_of_detections([]) == "safe"


@pytest.mark.parametrize(
    "label",
    ["FACE_FEMALE", "FACE_MALE", "FEET_EXPOSED", "FEET_COVERED", "ARMPITS_EXPOSED", "ARMPITS_COVERED", "BELLY_COVERED",
     "FEMALE_BREAST_COVERED"],
)  # fmt: skip
def test_faces_feet_and_clothes_are_safe(label: str) -> None:
    assert flag_of_detections([seen(label, 0.99, LARGE)]) == "safe"


@pytest.mark.parametrize(
    "label", ["FEMALE_GENITALIA_COVERED", "BUTTOCKS_COVERED", "ANUS_COVERED"],
)  # fmt: skip
def test_barely_covered_parts_are_soft(label: str) -> None:
    assert flag_of_detections([seen(label)]) == "soft"


@pytest.mark.parametrize("label", ["BELLY_EXPOSED", "MALE_BREAST_EXPOSED"])
def test_a_bare_belly_is_soft_unless_it_is_tiny(label: str) -> None:
    assert flag_of_detections([seen(label, box=LARGE)]) == "soft"
    assert flag_of_detections([seen(label, box=Box(0.4, 0.4, 0.05, 0.05))]) == "safe"


@pytest.mark.parametrize("label", ["FEMALE_BREAST_EXPOSED", "BUTTOCKS_EXPOSED"])
def test_bare_breasts_and_buttocks_are_erotic_at_any_size(label: str) -> None:
    assert flag_of_detections([seen(label)]) == "erotic"
    assert flag_of_detections([seen(label, box=LARGE)]) == "erotic"


@pytest.mark.parametrize("label", ["FEMALE_GENITALIA_EXPOSED", "MALE_GENITALIA_EXPOSED", "ANUS_EXPOSED"])
def test_genitals_are_erotic_from_afar_and_blocked_as_a_close_up(label: str) -> None:
    assert flag_of_detections([seen(label)]) == "erotic"
    assert flag_of_detections([seen(label, box=LARGE)]) == "blocked"


def test_genitals_in_contact_are_an_act_and_blocked() -> None:
    man, woman = "MALE_GENITALIA_EXPOSED", "FEMALE_GENITALIA_EXPOSED"
    assert flag_of_detections([seen(man), seen(woman, box=Box(0.45, 0.45, 0.1, 0.1))]) == "blocked"
    assert flag_of_detections([seen(man), seen(woman, box=ELSEWHERE)]) == "erotic"


def test_genitals_at_a_face_are_an_act_and_blocked() -> None:
    assert flag_of_detections([seen("MALE_GENITALIA_EXPOSED"), seen("FACE_FEMALE", box=LARGE)]) == "blocked"
    assert flag_of_detections([seen("MALE_GENITALIA_EXPOSED"), seen("FACE_FEMALE", box=ELSEWHERE)]) == "erotic"


def test_what_is_perhaps_bare_is_soft() -> None:
    assert flag_of_detections([seen("FEMALE_BREAST_EXPOSED", 0.4)]) == "soft"
    assert flag_of_detections([seen("FEMALE_BREAST_EXPOSED", 0.3)]) == "safe"


def test_the_worst_of_everything_seen_counts() -> None:
    everything = [seen("FACE_MALE"), seen("BELLY_EXPOSED", box=LARGE), seen("BUTTOCKS_EXPOSED")]
    assert flag_of_detections(everything) == "erotic"


def test_every_rule_is_about_labels_that_the_model_has() -> None:
    for rule in NUDENET_RULES:
        assert rule.labels | rule.touching <= NUDENET_LABELS


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("Explicit Sexual Activity", "blocked"), ("Blood & Gore", "blocked"), ("Corpses", "blocked"),
        ("Nazi Party", "blocked"), ("White Supremacy", "blocked"), ("Extremist", "blocked"),
        ("Exposed Female Nipple", "erotic"), ("Exposed Buttocks or Anus", "erotic"), ("Sex Toys", "erotic"),
        ("Implied Nudity", "soft"), ("Female Swimwear or Underwear", "soft"), ("Weapon Violence", "soft"),
        ("Bare Back", "safe"), ("Kissing on the Lips", "safe"), ("Alcoholic Beverages", "safe"), ("Smoking", "safe"),
        ("Weapons", "safe"), ("Gambling", "safe"), ("Middle Finger", "safe"), ("Air Crash", "safe"),
    ],
)  # fmt: skip
def test_moderation_labels_have_their_meaning(name: str, flag: str) -> None:
    assert flag_of_labels([(name, 95.0)], faces=1) == flag


def test_exposed_genitals_without_a_face_are_taken_for_a_close_up() -> None:
    assert flag_of_labels([("Exposed Female Genitalia", 90.0)], faces=0) == "blocked"
    assert flag_of_labels([("Exposed Female Genitalia", 90.0)], faces=1) == "erotic"


def test_a_label_of_little_confidence_means_less() -> None:
    assert flag_of_labels([("Explicit", 45.0)], faces=1) == "soft"
    assert flag_of_labels([("Blood & Gore", 45.0)], faces=1) == "safe"


@pytest.mark.parametrize(("low", "high"), [(0, 3), (6, 12), (13, 21), (14, 22), (15, 40), (16, 24)])
def test_faces_that_may_be_a_minors_are_young(low: int, high: int) -> None:
    assert is_young(low, high)


@pytest.mark.parametrize(("low", "high"), [(18, 26), (20, 28), (25, 35), (50, 60)])
def test_faces_of_adults_are_not_young(low: int, high: int) -> None:
    assert not is_young(low, high)


def test_nothing_seen_at_all_has_no_flag() -> None:
    assert worst(["soft", "blocked", "safe"]) == "blocked"
    with pytest.raises(ValueError):
        worst([])


def test_a_policy_version_changes_with_its_rules_and_their_numbers() -> None:
    rule = SeenRule("soft", frozenset({"A", "B"}), 0.5)
    versions = {
        fingerprint([rule]),
        fingerprint([SeenRule("soft", frozenset({"A", "B"}), 0.6)]),
        fingerprint([SeenRule("soft", frozenset({"A"}), 0.5)]),
        fingerprint([rule, rule]),
        fingerprint([rule], 3),
        fingerprint([NamedRule("soft", frozenset({"A", "B"}), 0.5)]),
        fingerprint(NUDENET_RULES),
        fingerprint(REKOGNITION_RULES),
    }
    assert len(versions) == 8
    assert fingerprint([SeenRule("soft", frozenset({"B", "A"}), 0.5)]) == fingerprint([rule])
