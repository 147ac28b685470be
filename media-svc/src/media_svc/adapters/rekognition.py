"""Amazon Rekognition as classifier: moderation labels, and how old faces look."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import structlog
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from media_svc.config import StoreConfig
from media_svc.domain.policy import (
    FACE_CONFIDENCE,
    REKOGNITION_FLOOR,
    REKOGNITION_RULES,
    REKOGNITION_TAXONOMY,
    YOUNGEST_LOW,
    YOUNGEST_MIDDLE,
    fingerprint,
    flag_of_labels,
    is_young,
)
from media_svc.ports import CheckUnavailable, Label, Sight, Verdict

log = structlog.get_logger("policy")

LARGEST_PICTURE = 5 * 1024 * 1024
"""What Rekognition takes with a request, in bytes."""
CONNECT_S, ANSWER_S = 3.0, 15.0
YOUNG_FACE = "Young face"


def rekognition_client(config: StoreConfig) -> Any:
    """A client for the region and the keys of the store, or those that boto3 finds by itself."""
    return boto3.client(
        "rekognition",
        region_name=config.region,
        aws_access_key_id=config.access_key,
        aws_secret_access_key=config.secret_key,
        config=ClientConfig(
            connect_timeout=CONNECT_S, read_timeout=ANSWER_S, retries={"mode": "standard", "total_max_attempts": 3}
        ),
    )


class RekognitionClassifier:
    """Asks for the moderation labels of a picture and for the faces in it. For any thread, as boto3's clients are."""

    name = "rekognition"
    sees: frozenset[Sight] = frozenset({"nudity", "minors", "acts", "gore", "symbols"})

    def __init__(self, client: Any) -> None:
        self._client = client
        rules = fingerprint(REKOGNITION_RULES, REKOGNITION_FLOOR, FACE_CONFIDENCE, YOUNGEST_LOW, YOUNGEST_MIDDLE)
        self.policy_version = f"rekognition-{REKOGNITION_TAXONOMY}-{rules}"

    def judge(self, picture: Path, content_type: str) -> Verdict:
        """Raises CheckUnavailable: away, throttled, not allowed, another taxonomy, or a picture it can't read."""
        image = {"Bytes": picture.read_bytes()}
        if len(image["Bytes"]) > LARGEST_PICTURE:
            raise CheckUnavailable("the picture is larger than Rekognition takes")
        try:
            moderated = self._client.detect_moderation_labels(Image=image, MinConfidence=REKOGNITION_FLOOR)
            seen = self._client.detect_faces(Image=image, Attributes=["AGE_RANGE"])
            return _verdict(moderated, seen)
        except ClientError as error:
            # A picture that it can't read is one of ours, freshly encoded: no reason to refuse it, none to let it pass.
            code = error.response.get("Error", {}).get("Code", "unknown")
            log.warning("classifier_failed", provider=self.name, error=code)
            raise CheckUnavailable("Rekognition refused to answer") from error
        except (BotoCoreError, KeyError, ValueError) as error:
            log.warning("classifier_failed", provider=self.name, error=type(error).__name__)
            raise CheckUnavailable("Rekognition gave no usable answer") from error


def _verdict(moderated: Mapping[str, Any], seen: Mapping[str, Any]) -> Verdict:
    """Raises KeyError, ValueError for an answer that the rules do not fit."""
    taxonomy = moderated["ModerationModelVersion"].partition(".")[0]
    if taxonomy != str(REKOGNITION_TAXONOMY):
        raise ValueError("the labels are of another taxonomy")
    labels = [(one["Name"], one["Confidence"]) for one in moderated["ModerationLabels"]]
    faces = [face for face in seen["FaceDetails"] if face["Confidence"] >= FACE_CONFIDENCE]
    young = [face for face in faces if is_young(face["AgeRange"]["Low"], face["AgeRange"]["High"])]
    told = [Label(name, confidence / 100) for name, confidence in labels]
    told += [Label(YOUNG_FACE, face["Confidence"] / 100) for face in young]
    return Verdict(flag_of_labels(labels, faces=len(faces)), bool(young), tuple(told))
