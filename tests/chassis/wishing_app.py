"""A small service app with a route of every kind."""

from typing import Any

import marshmallow as ma
from flask import Flask
from psycopg2.extensions import make_dsn

from chassis import auth, errors
from chassis.auth import Verifier
from chassis.config import Common
from chassis.db import Database
from chassis.metrics import Metrics
from chassis.testing import Keys, environment
from chassis.web.app import by_identity_header, create_app
from chassis.web.schemas import Boolean, Integer, PageQuery, Schema, Text, Timestamp
from chassis.web.strictjson import Blueprint


class Wish(Schema):
    text = Text(longest=50, shortest=1)
    number = Integer()
    sure = Boolean()
    at = Timestamp()
    deep = ma.fields.Raw()


class Search(Schema):
    q = ma.fields.String()


def wishes() -> Blueprint:
    bp = Blueprint("wishes", "wishes")

    @bp.post("/wishes")
    @auth.public
    @bp.arguments(Wish)
    @bp.response(200, Wish)
    def post(wish: dict[str, Any]) -> dict[str, Any]:
        return wish

    @bp.get("/search")
    @auth.public
    @bp.arguments(Search, location="query")
    def search(query: dict[str, Any]) -> dict[str, Any]:
        return query

    @bp.get("/pages")
    @auth.public
    @bp.arguments(PageQuery, location="query")
    def pages(query: dict[str, Any]) -> dict[str, Any]:
        return query

    @bp.get("/things/<uuid7:thing_id>")
    @auth.public
    def thing(thing_id: str) -> dict[str, Any]:
        return {"id": thing_id}

    @bp.get("/defect")
    @auth.public
    def defect() -> dict[str, Any]:
        raise RuntimeError("canary-in-a-defect")

    @bp.get("/refusal")
    @auth.public
    def refusal() -> dict[str, Any]:
        raise errors.PaymentRequired("Nothing is left.", code="quota-exhausted")

    @bp.get("/odd")
    @auth.public
    def odd() -> dict[str, Any]:
        raise errors.Conflict("half a \ud800 pair")

    @bp.get("/database")
    @auth.public
    def database() -> dict[str, Any]:
        nowhere().ping()
        return {}

    @bp.get("/mine")
    @auth.user
    def mine() -> dict[str, Any]:
        return {"user": auth.current_user_id()}

    @bp.get("/internal/x")
    @auth.callers("quota-svc")
    def internal() -> dict[str, Any]:
        return {}

    return bp


def nowhere() -> Database:
    return Database(make_dsn(host="127.0.0.1", port=1, dbname="none"), pool_size=2, application="test")


def wishing_app(keys: Keys) -> Flask:
    config = Common.from_env(environment("chat-svc", "postgresql:///none", keys), "chat-svc")
    return create_app(
        config,
        title="Test",
        blueprints=[wishes()],
        authenticate=by_identity_header(Verifier("chat-svc", config.public_keys)),
        metrics=Metrics(nowhere()),
        checks={"database": nowhere().ping},
    )
