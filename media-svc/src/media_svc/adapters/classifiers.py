"""Which classifier the settings choose (MEDIA_CLASSIFIER)."""

from __future__ import annotations

from media_svc.adapters.http_classifier import HttpClassifier
from media_svc.adapters.nudenet import NudeNetClassifier
from media_svc.adapters.rekognition import RekognitionClassifier, rekognition_client
from media_svc.config import PolicyConfig, StoreConfig
from media_svc.ports import Classifier


def classifier_of(policy: PolicyConfig, store: StoreConfig) -> Classifier:
    """The provider of the policy check; the region and keys of AWS are the store's. It starts nothing yet."""
    if policy.classifier == "rekognition":
        return RekognitionClassifier(rekognition_client(store))
    if policy.classifier == "http" and policy.http_url is not None:
        return HttpClassifier(policy.http_url, policy.http_key)
    return NudeNetClassifier()
