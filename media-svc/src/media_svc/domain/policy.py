"""The policy check's rules (MEDIA-4) as data: what makes a picture soft, erotic or blocked, and who counts as a minor.

The classifiers only say what they see. What it means is written here, once for each provider, so that a changed rule
changes the provider's policy version and kept verdicts are asked for anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

VerdictFlag = Literal["safe", "soft", "erotic", "blocked"]
SEVERITY: Sequence[VerdictFlag] = ("safe", "soft", "erotic", "blocked")
"""From harmless to forbidden."""


def worst(flags: Iterable[VerdictFlag]) -> VerdictFlag:
    """The most severe of some flags. Raises ValueError for none at all: nothing seen is not safe."""
    return max(flags, key=SEVERITY.index)


@dataclass(frozen=True)
class Box:
    """Where something is in a picture: left, top, width and height as fractions of the picture's."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """The share of the picture that it takes, 0 to 1."""
        return self.width * self.height

    def touches(self, other: Box) -> bool:
        """Whether two boxes overlap or share an edge."""
        apart = (
            self.x > other.x + other.width
            or other.x > self.x + self.width
            or self.y > other.y + other.height
            or other.y > self.y + self.height
        )
        return not apart


@dataclass(frozen=True)
class Detection:
    """Something that NudeNet found: its label, its confidence from 0 to 1, and where."""

    label: str
    score: float
    box: Box


@dataclass(frozen=True)
class SeenRule:
    """`flag`, when one of `labels` is seen with at least `score`, on at least `area` of the picture, and, where
    `touching` names something, in contact with one of those, seen with at least the same score."""

    flag: VerdictFlag
    labels: frozenset[str]
    score: float
    area: float = 0.0
    touching: frozenset[str] = frozenset()


GENITALS = frozenset({"FEMALE_GENITALIA_EXPOSED", "MALE_GENITALIA_EXPOSED", "ANUS_EXPOSED"})
NUDENET_LABELS = frozenset(
    {
        "FEMALE_GENITALIA_COVERED", "FACE_FEMALE", "BUTTOCKS_EXPOSED", "FEMALE_BREAST_EXPOSED",
        "FEMALE_GENITALIA_EXPOSED", "MALE_BREAST_EXPOSED", "ANUS_EXPOSED", "FEET_EXPOSED", "BELLY_COVERED",
        "FEET_COVERED", "ARMPITS_COVERED", "ARMPITS_EXPOSED", "FACE_MALE", "BELLY_EXPOSED", "MALE_GENITALIA_EXPOSED",
        "ANUS_COVERED", "FEMALE_BREAST_COVERED", "BUTTOCKS_COVERED",
    }
)  # fmt: skip
"""Everything that the model of NudeNet 3 can say."""
NUDENET_RULES: Sequence[SeenRule] = (
    # A close-up: genitals that fill a good part of the picture.
    SeenRule("blocked", GENITALS, score=0.5, area=0.10),
    # Acts, as far as parts of bodies in contact tell.
    SeenRule(
        "blocked", frozenset({"MALE_GENITALIA_EXPOSED"}), score=0.45,
        touching=GENITALS - {"MALE_GENITALIA_EXPOSED"},
    ),
    SeenRule(
        "blocked", frozenset({"MALE_GENITALIA_EXPOSED", "FEMALE_GENITALIA_EXPOSED"}), score=0.45,
        touching=frozenset({"FACE_FEMALE", "FACE_MALE"}),
    ),
    SeenRule("erotic", GENITALS | {"FEMALE_BREAST_EXPOSED", "BUTTOCKS_EXPOSED"}, score=0.5),
    # In doubt whether something is bare, it is blurred.
    SeenRule("soft", GENITALS | {"FEMALE_BREAST_EXPOSED", "BUTTOCKS_EXPOSED"}, score=0.4),
    SeenRule("soft", frozenset({"FEMALE_GENITALIA_COVERED", "BUTTOCKS_COVERED", "ANUS_COVERED"}), score=0.55),
    SeenRule("soft", frozenset({"BELLY_EXPOSED", "MALE_BREAST_EXPOSED"}), score=0.5, area=0.03),
)  # fmt: skip
"""What NudeNet's detections mean. Faces, feet, armpits and clothed bodies mean nothing by themselves."""


def flag_of_detections(detections: Sequence[Detection], rules: Sequence[SeenRule] = NUDENET_RULES) -> VerdictFlag:
    """The most severe flag whose rule is met."""
    return worst(["safe", *(rule.flag for rule in rules if _is_met(rule, detections))])


def _is_met(rule: SeenRule, detections: Sequence[Detection]) -> bool:
    sure = [found for found in detections if found.score >= rule.score]
    hits = [found for found in sure if found.label in rule.labels and found.box.area >= rule.area]
    if not rule.touching:
        return bool(hits)
    others = [found for found in sure if found.label in rule.touching]
    return any(hit.box.touches(other.box) for hit in hits for other in others if hit is not other)


@dataclass(frozen=True)
class NamedRule:
    """`flag`, when one of `names` is told with at least `confidence` percent, and, where `faceless`, of a picture in
    which no face is."""

    flag: VerdictFlag
    names: frozenset[str]
    confidence: float
    faceless: bool = False


REKOGNITION_TAXONOMY = 7
"""The major version of the moderation model that the names below belong to."""
REKOGNITION_FLOOR = 40.0
"""Labels below this confidence, in percent, are not asked for."""
REKOGNITION_RULES: Sequence[NamedRule] = (
    NamedRule("blocked", frozenset({"Explicit Sexual Activity"}), 50),
    # No place is told with these labels: a close-up is where nobody's face is in the picture.
    NamedRule("blocked", frozenset({"Exposed Male Genitalia", "Exposed Female Genitalia"}), 60, faceless=True),
    NamedRule(
        "blocked", frozenset({"Self-Harm", "Blood & Gore", "Death and Emaciation", "Emaciated Bodies", "Corpses"}), 60,
    ),
    NamedRule("blocked", frozenset({"Hate Symbols", "Nazi Party", "White Supremacy", "Extremist"}), 60),
    NamedRule(
        "erotic",
        frozenset(
            {
                "Explicit", "Explicit Nudity", "Exposed Male Genitalia", "Exposed Female Genitalia",
                "Exposed Buttocks or Anus", "Exposed Female Nipple", "Sex Toys",
            }
        ),
        50,
    ),
    NamedRule(
        "soft",
        frozenset(
            {
                "Explicit", "Non-Explicit Nudity of Intimate parts and Kissing", "Non-Explicit Nudity",
                "Implied Nudity", "Exposed Male Nipple", "Partially Exposed Buttocks",
                "Partially Exposed Female Breast", "Obstructed Intimate Parts", "Obstructed Female Nipple",
                "Obstructed Male Genitalia",
                "Swimwear or Underwear", "Female Swimwear or Underwear", "Male Swimwear or Underwear",
                "Graphic Violence", "Weapon Violence", "Physical Violence", "Visually Disturbing",
            }
        ),
        REKOGNITION_FLOOR,
    ),
)  # fmt: skip
"""What the moderation labels of Amazon Rekognition mean, whatever their level in its taxonomy. Its other labels (drugs,
alcohol, gambling, gestures, crashes, weapons nobody is hurt with, kissing, a bare back) are no matter of MEDIA-4."""
YOUNGEST_LOW, YOUNGEST_MIDDLE = 16, 21
"""A face counts as a minor's, or as young-looking, when the lower end of its age range is below the first or the middle
of it below the second: ranges are wide, and who looks that young is not let through (MEDIA-4)."""
FACE_CONFIDENCE = 80.0
"""Percent from which on something is taken for a face."""


def flag_of_labels(
    labels: Iterable[tuple[str, float]], *, faces: int, rules: Sequence[NamedRule] = REKOGNITION_RULES
) -> VerdictFlag:
    """The most severe flag whose rule is met by (name, confidence in percent) in a picture with so many faces."""
    told = list(labels)
    met = (
        rule.flag
        for rule in rules
        if any(name in rule.names and confidence >= rule.confidence for name, confidence in told)
        and not (rule.faceless and faces)
    )
    return worst(["safe", *met])


def is_young(low: int, high: int) -> bool:
    """Whether the age range of a face, in years, may be a minor's or a young-looking person's."""
    return low < YOUNGEST_LOW or (low + high) / 2 < YOUNGEST_MIDDLE


def fingerprint(rules: Iterable[SeenRule | NamedRule], *numbers: float) -> str:
    """A short name for a set of rules that changes with them: the part of a policy version that is ours."""
    told = json.dumps([*map(asdict, rules), *numbers], default=sorted)
    return hashlib.sha256(told.encode()).hexdigest()[:8]
