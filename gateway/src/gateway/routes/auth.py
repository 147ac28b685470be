"""Registering, logging in and out, refreshing, and the list of sessions (AUTH-1, AUTH-2, AUTH-4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import after_this_request, g, request

from chassis import auth
from chassis.web.schemas import Cursors, PageQuery
from chassis.web.strictjson import Blueprint
from gateway.domain import Visitor
from gateway.routes.authentication import Doorkeeper
from gateway.schemas import ChallengeSchema, LoginBody, RefreshBody, RegisterBody, SessionPage, SessionSchema
from gateway.usecases.accounts import Accounts
from gateway.usecases.botcheck import BotChecks
from gateway.usecases.sessions import Opened, Sessions

LONGEST_USER_AGENT = 200


def blueprint(
    accounts: Accounts, sessions: Sessions, bot_checks: BotChecks, doorkeeper: Doorkeeper, cursors: Cursors
) -> Blueprint:
    """`/v1/auth`; it also has the whole app refuse strangers before anything is missing."""
    routes = Blueprint("auth", __name__, url_prefix="/v1/auth")
    routes.before_app_request(doorkeeper.refuse_strangers)

    def visitor() -> Visitor:
        agent = "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())
        return Visitor(doorkeeper.address(request), agent[:LONGEST_USER_AGENT])

    def answer(opened: Opened) -> dict[str, Any]:
        after_this_request(lambda response: doorkeeper.give_session(response, opened))
        if opened.cookie is not None:
            return {"user": opened.user}
        return {**vars(opened), "token_type": "Bearer"}

    @routes.get("/challenge")
    @auth.public
    @routes.response(200, ChallengeSchema)
    def challenge() -> Mapping[str, Any]:
        """What a client needs to pass the bot check (AUTH-4)."""
        after_this_request(_uncached)
        return bot_checks.challenge()

    @routes.post("/register")
    @auth.public
    @routes.arguments(RegisterBody)
    @routes.response(201, SessionSchema)
    def register(body: dict[str, Any]) -> dict[str, Any]:
        """Make an account and sign in (AUTH-1)."""
        return answer(accounts.register(visitor(), **body))

    @routes.post("/login")
    @auth.public
    @routes.arguments(LoginBody)
    @routes.response(200, SessionSchema)
    def log_in(body: dict[str, Any]) -> dict[str, Any]:
        """Sign in (AUTH-2)."""
        return answer(accounts.log_in(visitor(), **body))

    @routes.post("/refresh")
    @auth.public
    @routes.arguments(RefreshBody)
    @routes.response(200, SessionSchema)
    def refresh(body: dict[str, Any]) -> dict[str, Any]:
        """Exchange a refresh token for new tokens (AUTH-2)."""
        return answer(sessions.refresh(body["refresh_token"]))

    @routes.post("/logout")
    @auth.user
    @routes.response(204)
    def log_out() -> None:
        """End the session of this request and its streams."""
        sessions.revoke(g.session.user_id, g.session.session_id)
        after_this_request(doorkeeper.take_cookies)

    @routes.get("/sessions")
    @auth.user
    @routes.arguments(PageQuery, location="query")
    @routes.response(200, SessionPage)
    def list_sessions(query: dict[str, Any]) -> dict[str, Any]:
        """Where the caller is signed in."""
        user_id, current, limit = g.session.user_id, g.session.session_id, query["limit"]
        scope = f"sessions:{user_id}"
        position = cursors.open(scope, query["cursor"])
        rows = sessions.listed(user_id, before=position[0] if position else None, limit=limit + 1)
        items = [{**vars(row), "current": str(row.id) == current} for row in rows]
        return cursors.page(scope, items, limit, lambda item: [str(item["id"])])

    @routes.delete("/sessions/<uuid7:session_id>")
    @auth.user
    @routes.response(204)
    def revoke_session(session_id: str) -> None:
        """Sign out there."""
        sessions.revoke(g.session.user_id, session_id)

    return routes


def _uncached(response: Any) -> Any:
    response.headers["Cache-Control"] = "no-store"
    return response
