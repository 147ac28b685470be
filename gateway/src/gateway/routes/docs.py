"""`/openapi.json`, and `/docs` to browse it: Swagger UI from a package, served by us, without a CDN."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Response, redirect, send_from_directory
from swagger_ui_bundle import swagger_ui_path
from werkzeug.wrappers import Response as WerkzeugResponse

from chassis import auth
from chassis.errors import NotFound
from chassis.web.strictjson import Blueprint
from gateway.proxy.openapi import Documents, for_viewer

STATIC = Path(__file__).parent.parent / "static"
OURS = ("docs.js", "docs.css")
VIEWER = (
    "swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png",
)  # fmt: skip
PAGE_HEADERS = {
    # The viewer draws its icons from data: addresses; everything else comes from here, and nothing is inline.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def blueprint(documents: Documents) -> Blueprint:
    """The documents, open to everybody. `create_app` must be told `serve_openapi=False`: this serves the merged one."""
    docs = Blueprint("docs", __name__, description="What this API is.")

    @docs.get("/")
    @auth.public
    @docs.response(302, description="Where a visitor can look around: the documents, as there is no page of ours")
    def front_door() -> WerkzeugResponse:
        """Leads to the viewer."""
        return redirect("/docs")

    @docs.get("/openapi.json")
    @auth.public
    @docs.response(200, {"type": "object"}, description="OpenAPI 3.1")
    def openapi() -> Response:
        """This document."""
        return _json(documents.merged())

    @docs.get("/docs/openapi.json")
    @auth.public
    @docs.doc(tags=["docs"], summary="The same document for the viewer, as OpenAPI 3.0")
    @docs.response(200, {"type": "object"}, description="OpenAPI 3.0")
    def openapi_for_viewer() -> Response:
        """The same document for the viewer, as OpenAPI 3.0."""
        return _json(for_viewer(documents.merged()))

    @docs.get("/docs")
    @auth.public
    @docs.response(200, {"type": "string"}, content_type="text/html")
    def page() -> Response:
        """The viewer."""
        response = send_from_directory(STATIC, "docs.html")
        response.headers.update(PAGE_HEADERS)
        return response

    @docs.get("/docs/<name>")
    @auth.public
    @docs.response(200, {"type": "string"}, description="A script, style or picture of the viewer")
    def asset(name: str) -> Response:
        """A part of the viewer."""
        if name in OURS:
            folder = STATIC
        elif name in VIEWER:
            folder = swagger_ui_path
        else:
            raise NotFound()
        response = send_from_directory(folder, name, max_age=3600)
        response.headers["Content-Security-Policy"] = PAGE_HEADERS["Content-Security-Policy"]
        return response

    return docs


def _json(document: object) -> Response:
    return Response(
        json.dumps(document, separators=(",", ":")),
        content_type="application/json",
        headers={"Cache-Control": "no-cache"},
    )
