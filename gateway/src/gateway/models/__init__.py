"""The gateway's tables."""

from gateway.models.accounts import MODELS as ACCOUNT_MODELS
from gateway.models.base import Base, database
from gateway.models.stream import MODELS as STREAM_MODELS

__all__ = ["MODELS", "Base", "database"]

MODELS: list[type[Base]] = [*ACCOUNT_MODELS, *STREAM_MODELS]
