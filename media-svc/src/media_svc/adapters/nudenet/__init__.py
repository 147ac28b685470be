"""NudeNet in a child process of its own: the classifier in the box (MEDIA-4)."""

from media_svc.adapters.nudenet.classifier import NudeNetClassifier

__all__ = ["NudeNetClassifier"]
