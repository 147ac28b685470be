"""What every route answers to everybody for a harmless request: unknown ids, an empty object as body.

One row per route of each service, written by hand and not derived from the code: a route without a row fails the tests,
and a row without a route as well.
"""

from __future__ import annotations

from collections.abc import Mapping

from chassis.config import NEIGHBOURS

Row = Mapping[str, int]
"""Status by identity."""


def everybody(status: int) -> Row:
    """Open to the world, whoever asks."""
    return dict.fromkeys(("stranger", "anonymous", "user", "moderator", "admin", *NEIGHBOURS), status)


def through_the_gateway(status: int) -> Row:
    """Whom the gateway lets through, signed in or not; never a direct call, nor another service."""
    return {**everybody(401), **dict.fromkeys(("anonymous", "user", "moderator", "admin"), status)}


def signed_in(status: int) -> Row:
    """People of any role."""
    return {**everybody(401), **dict.fromkeys(("user", "moderator", "admin"), status)}


def admins(status: int) -> Row:
    """People with the role admin; others are told that they may not."""
    return {**everybody(401), "user": 403, "moderator": 403, "admin": status}


def services(*callers: str, status: int, people: int = 403) -> Row:
    """The services named; an identity of anybody else is 403, none 401."""
    return {
        **everybody(403),
        "stranger": 401,
        **dict.fromkeys(("user", "moderator", "admin"), people),
        **dict.fromkeys(callers, status),
    }


HEALTH: Mapping[str, Row] = {
    "GET /healthz": everybody(200),
    "GET /readyz": everybody(200),
    "GET /metrics": everybody(200),
    "GET /openapi.json": everybody(200),
}

MATRIX: Mapping[str, Mapping[str, Row]] = {
    "gateway": {
        **HEALTH,
        "GET /": everybody(302),
        "GET /docs": everybody(200),
        "GET /docs/openapi.json": everybody(200),
        "GET /docs/{name}": everybody(404),
        "GET /v1/auth/challenge": everybody(200),
        "POST /v1/auth/register": everybody(422),
        "POST /v1/auth/login": everybody(422),
        "POST /v1/auth/refresh": everybody(422),
        "POST /v1/auth/logout": signed_in(204),
        "GET /v1/auth/sessions": signed_in(200),
        "DELETE /v1/auth/sessions/{session_id}": signed_in(404),
        "GET /v1/me": signed_in(200),
        "PATCH /v1/me": signed_in(200),
        "GET /v1/users/{username}": signed_in(404),
        "GET /v1/stream": signed_in(200),
        "GET /v1/admin/users": admins(200),
        "PATCH /v1/admin/users/{user_id}": admins(422),
        # People come to the gateway with bearer tokens, which say nothing to an internal route.
        "POST /internal/bot-checks": services("quota-svc", status=422, people=401),
        "POST /internal/users/standing": services("ai-svc", status=422, people=401),
    },
    "media-svc": {
        **HEALTH,
        "GET /v1/media/rules": signed_in(422),
        "POST /v1/uploads": signed_in(422),
        "POST /v1/uploads/{upload_id}/complete": signed_in(404),
        "GET /v1/uploads/{upload_id}": signed_in(404),
        "DELETE /v1/uploads/{upload_id}": signed_in(404),
        "POST /v1/media/sign": through_the_gateway(422),
        "GET /v1/companions/{companion_id}/gallery": signed_in(404),
        "GET /v1/companions/{companion_id}/posts": signed_in(404),
        "PUT /v1/companion-media/{media_id}/like": signed_in(404),
        "DELETE /v1/companion-media/{media_id}/like": signed_in(404),
        "GET /v1/admin/companions/{companion_id}/media": admins(404),
        "POST /v1/admin/companions/{companion_id}/media": admins(422),
        "GET /v1/admin/companions/{companion_id}/media/picks": admins(404),
        "GET /v1/admin/companions/{companion_id}/media/missed-tags": admins(404),
        "PATCH /v1/admin/companion-media/{media_id}": admins(404),
        "DELETE /v1/admin/companion-media/{media_id}": admins(404),
        "PUT /internal/picks/{reply_id}": services("ai-svc", status=422),
        "DELETE /internal/picks/{reply_id}": services("ai-svc", status=204),
        "GET /internal/media/rules": services("chat-svc", status=200),
        "POST /internal/uploads/{upload_id}/claim": services("chat-svc", status=422),
        "POST /internal/uploads/{upload_id}/release": services("chat-svc", status=422),
        "POST /internal/uploads/{upload_id}/use": services("ai-svc", "gateway", status=422),
        "POST /internal/uploads:batch": services("gateway", status=422),
        "PUT /store/{key}": through_the_gateway(403),
        "GET /cdn/{key}": through_the_gateway(403),
    },
    "chat-svc": {
        **HEALTH,
        "GET /v1/conversations": signed_in(200),
        "POST /v1/conversations": signed_in(422),
        "GET /v1/conversations/{conversation_id}": signed_in(404),
        "GET /v1/conversations/{conversation_id}/messages": signed_in(404),
        "POST /v1/conversations/{conversation_id}/messages": signed_in(422),
        "POST /v1/conversations/{conversation_id}/read": signed_in(422),
        "POST /v1/conversations/{conversation_id}/delivered": signed_in(422),
        "POST /v1/conversations/{conversation_id}/regenerate": signed_in(422),
        "POST /internal/conversations/{conversation_id}/context": services("ai-svc", status=422),
        "PUT /internal/conversations/{conversation_id}/replies/{reply_id}": services("ai-svc", status=422),
        "PUT /internal/conversations/{conversation_id}/replies/{reply_id}/failure": services("ai-svc", status=422),
        "POST /internal/messages:batch": services("gateway", status=422),
        "POST /internal/conversations:batch": services("gateway", status=422),
        "POST /internal/conversations/standing": services("media-svc", status=422),
        "POST /internal/sends/settle": services("quota-svc", status=422),
    },
    "ai-svc": {
        **HEALTH,
        "GET /v1/companions": through_the_gateway(200),
        "GET /v1/companions/{companion_id}": through_the_gateway(404),
        "GET /v1/admin/companions": admins(200),
        "POST /v1/admin/companions": admins(422),
        "GET /v1/admin/companions/{companion_id}": admins(404),
        "PATCH /v1/admin/companions/{companion_id}": admins(404),
        "GET /internal/companions/{companion_id}": services("chat-svc", "media-svc", status=404),
    },
    "quota-svc": {
        **HEALTH,
        "POST /v1/permits": signed_in(422),
        "POST /internal/quotas/open": services("chat-svc", status=422),
        "POST /internal/admissions": services("chat-svc", status=422),
        "POST /internal/admissions/reverse": services("ai-svc", status=422),
        "POST /internal/spends": services("ai-svc", status=422),
        "POST /internal/spends/{spend_id}/return": services("ai-svc", status=200),
        "POST /internal/standing": services("chat-svc", "gateway", "media-svc", status=422),
    },
}

OPEN_AT_THE_GATEWAY = frozenset(
    {"GET /v1/companions", "GET /v1/companions/{companion_id}", "POST /v1/media/sign"}
)  # fmt: skip
"""Routes of the services behind the gateway that visitors may use; every other one answers them 401."""
