"""Verdicts that were given before: by the hash of the bytes and the policy version (MEDIA-4)."""

from __future__ import annotations

import json
from typing import cast

from chassis.db import Database
from media_svc.domain.policy import VerdictFlag
from media_svc.ports import Label, Verdict


def find_verdict(database: Database, sha256: str, policy_version: str) -> Verdict | None:
    """What was said of these bytes under this policy."""
    row = database.row(
        "SELECT flag, minor, labels FROM verdicts WHERE sha256 = %s AND policy_version = %s", (sha256, policy_version)
    )
    if row is None:
        return None
    flag, minor, labels = row
    return Verdict(cast(VerdictFlag, flag), minor, tuple(Label(one["name"], one["score"]) for one in labels))


def insert_verdict(database: Database, sha256: str, policy_version: str, verdict: Verdict) -> None:
    """Keep a verdict; one that is kept already stays."""
    labels = json.dumps([{"name": label.name, "score": label.score} for label in verdict.labels])
    database.execute(
        "INSERT INTO verdicts (sha256, policy_version, flag, minor, labels) VALUES (%s, %s, %s, %s, %s::jsonb)"
        " ON CONFLICT DO NOTHING",
        (sha256, policy_version, verdict.flag, verdict.minor, labels),
    )
