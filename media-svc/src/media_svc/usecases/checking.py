"""The policy check of a piece of media (MEDIA-4): hash list first, then what was said before, then the classifier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import structlog

from chassis.db import Database, inside_transaction
from media_svc.domain.policy import VerdictFlag, worst
from media_svc.ports import CheckUnavailable, Classifier, HashList, Label, Sight, Verdict
from media_svc.queries.verdicts import find_verdict, insert_verdict

log = structlog.get_logger("policy")

FRAME_TYPE = "image/jpeg"
MOST_LABELS = 50
"""How many labels of a verdict are kept, the surest ones."""


@dataclass(frozen=True)
class Judgement:
    """What is to become of some media. `minor` and `hash_match` come with `blocked`, and make an incident (MOD-2)."""

    flag: VerdictFlag
    minor: bool
    hash_match: bool
    labels: Sequence[Label]
    policy_version: str


class Checking:
    """Judges media by the hash list and the one classifier that is configured."""

    def __init__(self, database: Database, classifier: Classifier, hash_list: HashList) -> None:
        self._database = database
        self._classifier = classifier
        self._hash_list = hash_list

    def judge(self, sha256_full: str, sha256_original: str, pdq: Sequence[str], frames: Sequence[Path]) -> Judgement:
        """Judge what will be shown: a picture by its one frame, a video by the worst of its frames.

        `frames` are JPEG files. Never inside a transaction: the classifier may be on the network. The hash list is
        asked each time, the classifier once for the same bytes under the same policy. Raises CheckUnavailable.
        """
        if inside_transaction():
            raise RuntimeError("the policy check must not be waited for inside a transaction")
        version = self._classifier.policy_version
        if self._hash_list.matches([sha256_original, sha256_full], pdq):
            return Judgement("blocked", False, True, (), version)
        with self._database.reading():
            verdict = find_verdict(self._database, sha256_full, version)
        if verdict is None:
            verdict = self._ask(frames)
            with self._database.transaction():
                insert_verdict(self._database, sha256_full, version, verdict)
        return Judgement(verdict.flag, verdict.minor, False, verdict.labels, version)

    def known_bad(self, sha256: str) -> Judgement | None:
        """The judgement on bytes that are on the hash list, whatever they are; None where they are not.

        Raises CheckUnavailable.
        """
        if not self._hash_list.matches([sha256], []):
            return None
        return Judgement("blocked", False, True, (), self._classifier.policy_version)

    def _ask(self, frames: Sequence[Path]) -> Verdict:
        if not frames:
            raise CheckUnavailable("there is no frame to judge")
        # All of them, also after a blocked one: a minor in a later frame makes an incident of it.
        verdicts = [self._classifier.judge(frame, FRAME_TYPE) for frame in frames]
        minor = any(verdict.minor for verdict in verdicts)
        flag: VerdictFlag = "blocked" if minor else worst(verdict.flag for verdict in verdicts)
        return Verdict(flag, minor, _surest(label for verdict in verdicts for label in verdict.labels))


def _surest(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Each name once, with its highest score, the highest first."""
    scores: dict[str, float] = {}
    for label in labels:
        scores[label.name] = max(label.score, scores.get(label.name, 0.0))
    found = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Label(name, score) for name, score in found[:MOST_LABELS])


def coverage(classifier: Classifier) -> tuple[list[Sight], list[Sight]]:
    """What the configured provider sees of that which MEDIA-4 forbids, and what nobody looks for."""
    sights: tuple[Sight, ...] = get_args(Sight)
    seen = [sight for sight in sights if sight in classifier.sees]
    return seen, [sight for sight in sights if sight not in classifier.sees]


def tell_coverage(classifier: Classifier) -> dict[str, object]:
    """Name at start what is checked and what nobody looks for; the same for the details of /readyz."""
    seen, unseen = coverage(classifier)
    say = log.warning if unseen else log.info
    say("policy_coverage", provider=classifier.name, seen=seen, unseen=unseen)
    return {"provider": classifier.name, "seen": seen, "unseen": unseen}
