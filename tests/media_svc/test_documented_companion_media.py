"""What the routes of companion media answer, held to the document that media-svc serves."""

from typing import Any

import jsonschema
import pytest

from chassis.ids import uuid7
from chassis.testing import Caller
from tests.media_svc.companion_media_kit import Shelf
from tests.media_svc.media_stand_ins import Media


def strict(schema: Any) -> Any:
    """The same document, where objects with named properties have no others."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
    return {**{name: strict(inner) for name, inner in schema.items()}, **closed}


@pytest.fixture
def document(media: Media) -> Any:
    return strict(media.stranger().get("/openapi.json").json)


def check(document: Any, caller: Caller, method: str, path: str, template: str, body: Any = None) -> None:
    answer = caller(method, path, body)
    schema = document["paths"][template][method.lower()]["responses"][str(answer.status_code)]["content"]
    validator = jsonschema.Draft202012Validator(
        {**schema["application/json"]["schema"], "components": document["components"]}
    )
    validator.validate(answer.json)


def test_every_answer_is_as_documented(media: Media, shelf: Shelf, document: Any) -> None:
    me = media.user(uuid7())
    held = shelf.completed("companion_media")
    liked = shelf.add("gallery", can_be_liked=True, premium_only=True, text="Hello", tags=["a"])
    shelf.add("gallery", held)
    shelf.add("post", kind="video", location="Rome")
    shelf.add("asset", mature=True)
    media.service.usecases.takedowns.hold(held.upload_id, "report")
    shelf.pick(uuid7(), uuid7(), uuid7(), "beach")
    shelf.pick(uuid7(), uuid7(), uuid7(), "beach", mature=True)
    of_companion, of_admin = f"/v1/companions/{shelf.companion_id}", f"/v1/admin/companions/{shelf.companion_id}/media"
    documented = "/v1/companions/{companion_id}", "/v1/admin/companions/{companion_id}/media"
    for surface in ("gallery", "posts"):
        check(document, me, "GET", f"{of_companion}/{surface}", f"{documented[0]}/{surface}")
    for method in ("PUT", "DELETE"):
        path = f"/v1/companion-media/{liked['id']}/like"
        check(document, me, method, path, "/v1/companion-media/{media_id}/like")
    for rest in ("", "/picks", "/missed-tags"):
        check(document, shelf.admin, "GET", of_admin + rest, documented[1] + rest)
    body = {"upload_id": str(shelf.completed("companion_media").upload_id), "surface": "asset"}
    check(document, shelf.admin, "POST", of_admin, documented[1], body)
    path, template = f"/v1/admin/companion-media/{liked['id']}", "/v1/admin/companion-media/{media_id}"
    check(document, shelf.admin, "PATCH", path, template, {"text": "Bye"})
    keys = {"keys": [*held.keys.values(), "*"]}
    for caller in (media.anonymous(), shelf.admin):
        check(document, caller, "POST", "/v1/media/sign", "/v1/media/sign", keys)
