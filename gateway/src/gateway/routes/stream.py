"""`GET /v1/stream`."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from chassis import auth
from chassis.errors import Unauthenticated
from chassis.web.schemas import Schema, Text
from chassis.web.strictjson import Blueprint
from gateway.stream.feed import Feed

HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


class StreamQuery(Schema):
    """`last_event_id` is for clients that can't set the header `Last-Event-ID`, which wins."""

    last_event_id = Text(longest=100, load_default=None)


def blueprint(feed: Feed) -> Blueprint:
    """The stream of the signed-in user; needs `g.session` with `.session_id`, `.user_id` and `.version`."""
    stream = Blueprint("stream", __name__, url_prefix="/v1", description="Server-sent events.")

    @stream.get("/stream")
    @auth.user
    @stream.arguments(StreamQuery, location="query")
    @stream.response(200, {"type": "string"}, content_type="text/event-stream")
    def follow(query: dict[str, Any]) -> Response:
        """Everything that happens to my things, as it happens (CHAT-6).

        First `ready` with the id of the present position, then events. Durable ones have an `id`; a client that comes
        back with the last one as `Last-Event-ID` gets everything after it once, in order. `reset` says that this is
        not possible: fetch anew. A comment line every 15 seconds.
        """
        session = g.get("session")
        if session is None:
            raise Unauthenticated()
        if request.method == "HEAD":
            return Response(headers=HEADERS)
        opened = feed.open(session, request.headers.get("Last-Event-ID") or query["last_event_id"])
        response = Response(opened.frames, headers=HEADERS)
        response.call_on_close(opened.close)
        return response

    return stream
