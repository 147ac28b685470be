"""Presigned PUTs to the local object store: what S3 does by itself where there is a bucket (MEDIA-1)."""

from __future__ import annotations

from flask import Response, request

from chassis import auth
from chassis.web.strictjson import Blueprint
from media_svc.domain.limits import MEGABYTE
from media_svc.ports import PutRequest
from media_svc.usecases.edge import LocalEdge

LARGEST_BODY = 50 * MEGABYTE


def blueprint(edge: LocalEdge) -> Blueprint:
    """PUT /store/<key>."""
    store = Blueprint("store", __name__, url_prefix="/store")

    @store.put("/<path:key>")
    @auth.anyone
    @store.doc(security=[])
    @store.response(200)
    @store.alt_response(412)
    def put(key: str) -> Response:
        """Store an upload's bytes under a presigned address: exactly the signed type and length, once."""
        request.max_content_length = LARGEST_BODY
        headers = request.headers
        asked = PutRequest(
            key, request.args.to_dict(flat=False), headers.get("Content-Type"), request.content_length,
            headers.get("If-None-Match"),
        )  # fmt: skip
        edge.put(asked, request.stream)
        return Response(status=200)

    return store
