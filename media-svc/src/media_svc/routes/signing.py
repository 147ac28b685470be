"""Signed URLs of everything on a screen (MEDIA-6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis import auth
from chassis.web.strictjson import Blueprint, StrictParser
from media_svc.domain.viewing import Viewer
from media_svc.schemas.signing import SignBody, SignedSchema
from media_svc.usecases.signing import Signed, Signing


class _KeysParser(StrictParser):
    """A key with NUL in it is a key that is denied, and no fault of the others."""

    allow_nul = True


class _KeysBlueprint(Blueprint):
    ARGUMENTS_PARSER = _KeysParser()


def blueprint(signing: Signing) -> Blueprint:
    """`/v1/media/sign`."""
    routes = _KeysBlueprint("signing", __name__, url_prefix="/v1/media")

    @routes.post("/sign")
    @auth.anyone
    @routes.arguments(SignBody)
    @routes.response(200, SignedSchema)
    def sign(body: dict[str, Any]) -> Signed:
        """Signed URLs for up to 200 keys, of those that the caller may see (MEDIA-6)."""
        return signing.sign(viewer(), body["keys"])

    return routes


def viewer() -> Viewer:
    """The caller of the request at hand."""
    caller = auth.current()
    return Viewer(UUID(caller.subject), caller.role == "admin") if caller.is_user else Viewer(None)
