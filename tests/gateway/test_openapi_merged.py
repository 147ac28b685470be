"""One document of all services, and its viewer without any address but ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, jsonify

from chassis.config import NEIGHBOURS
from chassis.errors import Internal
from chassis.testing import Keys, problem
from chassis.upstream import Network, WsgiTransport
from gateway.proxy.openapi import for_viewer, merge
from tests.gateway.edge import Edge

SERVICES = [name for name in NEIGHBOURS if name != "gateway"]


def document(*paths: str, **schemas: Any) -> dict[str, Any]:
    """What a service says about itself: every path answers with a `Page` of its own."""
    reference = {"$ref": "#/components/schemas/Page"}
    operation = {
        "tags": ["things"],
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": reference}}},
            "default": {"$ref": "#/components/responses/DEFAULT_ERROR"},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "v1"},
        "tags": [{"name": "things", "description": ""}, {"name": "internal", "description": ""}],
        "paths": {path: {"get": operation, "post": operation} for path in paths},
        "components": {
            "schemas": {
                "Page": {"type": "object", "properties": {"item": {"$ref": "#/components/schemas/Item"}}},
                "Item": {"type": ["string", "null"]},
                "Unused": {"type": "object"},
                **schemas,
            },
            "responses": {"DEFAULT_ERROR": {"description": "No."}},
        },
    }


class Documented:
    """Neighbours that serve their documents, until told otherwise."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.asked: list[str] = []
        apps = {name: self._app(name) for name in SERVICES}
        self.network = Network(transports={name: WsgiTransport(lambda app=app: app) for name, app in apps.items()})

    def _app(self, name: str) -> Flask:
        app = Flask(name)
        short = name.removesuffix("-svc")

        @app.get("/openapi.json")
        def openapi() -> Any:
            self.asked.append(name)
            if name in self.away:
                return "secret", 500
            return jsonify(document(f"/v1/{short}s", f"/internal/{short}s"))

        return app


@pytest.fixture
def documented() -> Documented:
    return Documented()


@pytest.fixture
def edge(database_url: str, documented: Documented) -> Iterator[Edge]:
    made = Edge(database_url, documented.network, keys=Keys())
    yield made
    made.close()


def test_the_document_holds_every_service_without_internal_paths(edge: Edge) -> None:
    answer = edge.app.test_client().get("/openapi.json")
    assert answer.status_code == 200
    found = answer.get_json()
    assert found["openapi"] == "3.1.0"
    assert {"/v1/medias", "/v1/chats", "/v1/ais", "/v1/quotas", "/v1/stream", "/docs"} <= set(found["paths"])
    assert not [path for path in found["paths"] if path.startswith("/internal")]
    assert {"bearer", "cookie", "csrf"} == set(found["components"]["securitySchemes"])
    references = set(re.findall(r'"#/components/([^"]+)"', json.dumps(found)))
    assert references
    for reference in references:
        kind, name = reference.split("/")
        assert name in found["components"][kind]
    assert {"chat_Page", "chat_Item", "quota_Page"} <= set(found["components"]["schemas"])
    assert not [name for name in found["components"]["schemas"] if "Unused" in name]
    assert "internal" not in [tag["name"] for tag in found["tags"]]


def test_two_services_with_one_path_are_refused() -> None:
    with pytest.raises(Internal):
        merge({"chat": document("/v1/x"), "quota": document("/v1/x")})


def test_an_operation_says_whether_it_needs_a_sign_in() -> None:
    paths = merge({"ai": document("/v1/companions", "/v1/companions/{id}", "/v1/auth/login", "/v1/auth/logout")})[
        "paths"
    ]
    assert paths["/v1/companions"]["get"]["security"] == []
    assert paths["/v1/companions/{id}"]["get"]["security"] == []
    assert paths["/v1/auth/login"]["post"]["security"] == []
    assert paths["/v1/companions"]["post"]["security"] == [{"bearer": []}, {"cookie": [], "csrf": []}]
    assert paths["/v1/auth/logout"]["post"]["security"] == [{"bearer": []}, {"cookie": [], "csrf": []}]


def test_services_are_asked_once_and_described_as_last_heard_of(edge: Edge, documented: Documented) -> None:
    client = edge.app.test_client()
    documented.away.add("ai-svc")
    answer = client.get("/openapi.json")
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    documented.away.clear()
    first = client.get("/openapi.json").get_json()
    asked = len(documented.asked)
    assert client.get("/openapi.json").get_json() == first
    assert len(documented.asked) == asked
    edge_without_cache = Edge(edge.database.dsn, documented.network, keys=edge.keys, documents_s=0.0)
    client = edge_without_cache.app.test_client()
    assert client.get("/openapi.json").get_json() == first
    documented.away.update(SERVICES)
    assert client.get("/openapi.json").get_json() == first
    edge_without_cache.close()


def test_the_viewer_gets_openapi_3_0_in_which_null_is_said_differently() -> None:
    older = for_viewer(
        merge(
            {
                "chat": document(
                    "/v1/x",
                    Item={
                        "anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}],
                        "properties": {"type": {"type": ["integer", "string", "null"]}},
                    },
                    Other={"type": ["string", "null"]},
                )
            }
        )
    )
    assert older["openapi"] == "3.0.3"
    schemas = older["components"]["schemas"]
    assert schemas["chat_Other"] == {"type": "string", "nullable": True}
    assert schemas["chat_Item"] == {
        "anyOf": [{"$ref": "#/components/schemas/chat_Other"}],
        "nullable": True,
        "properties": {"type": {"anyOf": [{"type": "integer"}, {"type": "string"}], "nullable": True}},
    }


def test_the_viewer_is_served_by_us_alone(edge: Edge) -> None:
    client = edge.app.test_client()
    page = client.get("/docs")
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    assert " style=" not in page.text
    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(parts) == 5
    for part in parts:
        assert part.startswith("/docs/")
        answer = client.get(part)
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"].split(";")[0] in ("text/css", "text/javascript", "image/png")
        answer.close()
    page.close()
    script = client.get("/docs/docs.js")
    assert "/docs/openapi.json" in script.text
    script.close()
    assert client.get("/docs/openapi.json").get_json()["openapi"] == "3.0.3"


@pytest.mark.parametrize(
    "name", ["index.html", "docs.html", "swagger-ui.js.map", "..%2fdocs.html", "%2e%2e/app.py", "x"]
)
def test_nothing_else_is_served_beside_the_viewer(edge: Edge, name: str) -> None:
    assert edge.app.test_client().get(f"/docs/{name}").status_code == 404
