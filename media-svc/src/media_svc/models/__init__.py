"""The tables of media-svc."""

from media_svc.models.base import Base, database
from media_svc.models.companions import AssetGrant, CompanionMedia, CompanionRow, CompanionSurface, Like, Pick
from media_svc.models.uploads import ObjectRow, ProcessingJob, Upload, UploadStop, VerdictRow

MODELS: list[type[Base]] = [
    Upload, ProcessingJob, ObjectRow, VerdictRow, UploadStop,
    CompanionRow, CompanionSurface, CompanionMedia, Like, Pick, AssetGrant,
]  # fmt: skip

__all__ = ["MODELS", "Base", "database"]
