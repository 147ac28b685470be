"""The local CDN edge: signed URLs, ranges so that videos seek, and headers that let nothing of a file act (MEDIA-6)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request

from chassis import auth
from chassis.errors import Malformed
from chassis.web.strictjson import Blueprint
from media_svc.domain.serving import NotSatisfiable, Served, Span, span_of
from media_svc.usecases.edge import LocalEdge

CACHE_CONTROL = "max-age=300, s-maxage=30"
"""No longer than a URL lives; shared caches ask again within the minute of MEDIA-7."""
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Disposition": "inline",
    "Cache-Control": CACHE_CONTROL,
    "Accept-Ranges": "bytes",
}


def blueprint(edge: LocalEdge) -> Blueprint:
    """GET and HEAD /cdn/<key>."""
    cdn = Blueprint("cdn", __name__, url_prefix="/cdn")

    @cdn.get("/<path:key>")
    @auth.anyone
    @cdn.doc(security=[])
    @cdn.response(200)
    @cdn.alt_response(206)
    @cdn.alt_response(304)
    @cdn.alt_response(416)
    def look(key: str) -> Response:
        """An object under a signed URL, whole or a range of it."""
        found = edge.look(key, request.args.to_dict(flat=False), request.headers.get("X-Forwarded-For"))
        if request.if_none_match.contains(found.sha256):
            return _answer(found, 304, {})
        span = _wanted(found)
        if span is None:
            return _served(edge, found, Span(0, found.size), 200, {})
        content_range = f"bytes {span.start}-{span.start + span.length - 1}/{found.size}"
        return _served(edge, found, span, 206, {"Content-Range": content_range})

    return cdn


def _wanted(found: Served) -> Span | None:
    """The range that is asked for; of an older representation (If-Range) none is."""
    condition = request.headers.get("If-Range")
    if condition is not None and condition != found.etag:
        return None
    try:
        return span_of(request.headers.get("Range"), found.size)
    except NotSatisfiable:
        error = Malformed(
            "The range lies behind the end.",
            code="range-not-satisfiable",
            headers={"Content-Range": f"bytes */{found.size}"},
        )
        error.status = 416
        raise error from None


def _served(edge: LocalEdge, found: Served, span: Span, status: int, more: Mapping[str, str]) -> Response:
    headers = {**more, "Content-Type": found.content_type, "Content-Length": str(span.length)}
    if request.method == "HEAD":
        return _answer(found, status, headers)
    pieces = edge.bytes_of(found, span)
    response = _answer(found, status, headers)
    response.response = pieces
    return response


def _answer(found: Served, status: int, more: Mapping[str, str]) -> Response:
    response = Response(status=status)
    # The framework would add a type and the length of an empty body.
    response.automatically_set_content_length = False
    response.headers.clear()
    response.headers.update({**HEADERS, "ETag": found.etag, **more})
    return response
