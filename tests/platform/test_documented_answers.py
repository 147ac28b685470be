"""What the API answers, held to what its own document at the gateway says it answers."""

import uuid
from typing import Any

import jsonschema
import pytest
import requests

from chassis.testing import eventually
from tests.platform.embedded_host import PASSWORD, Host

Document = dict[str, Any]
CONVERSATION = "/v1/conversations/{conversation_id}"


@pytest.fixture(scope="module")
def document(platform: Host) -> Document:
    found: Document = platform.get("/openapi.json").json()
    return found


def resolved(document: Document, found: Any) -> Any:
    while "$ref" in found:
        place = document
        for part in found["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        found = place
    return found


def undeclared(document: Document, schema: Any, value: Any, where: str = "") -> list[str]:
    """The fields of an answer that its schema does not have."""
    schema = resolved(document, schema)
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if choice.get("type") != "null":
            return undeclared(document, choice, value, where)
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        found = [f"{where}.{name}" for name in value if name not in known]
        for name in known.keys() & value.keys():
            found += undeclared(document, known[name], value[name], f"{where}.{name}")
        return found
    if isinstance(value, list) and "items" in schema:
        return [name for item in value for name in undeclared(document, schema["items"], item, f"{where}[]")]
    return []


def check(document: Document, answer: requests.Response, method: str, template: str) -> Any:
    """The body, which must be what the document says of this method, path and status."""
    responses = document["paths"][template][method.lower()]["responses"]
    documented = resolved(document, responses.get(str(answer.status_code)) or responses["default"])
    if not answer.content:
        assert "content" not in documented
        return None
    kind = answer.headers["Content-Type"].split(";")[0]
    assert list(documented["content"]) == [kind], (method, template, answer.status_code)
    schema = documented["content"][kind]["schema"]
    body = answer.json()
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(body)
    assert not undeclared(document, schema, body)
    return body


def test_answers_and_refusals_are_as_documented(document: Document, platform: Host) -> None:
    user = platform.newcomer()

    def call(method: str, template: str, body: Any = None, status: int = 200, **path: str) -> Any:
        answer = user.raw(method, template.format(**path), body)
        assert answer.status_code == status, answer.text
        return check(document, answer, method, template)

    me = call("GET", "/v1/me")
    sign_in = {"email": me["email"], "password": PASSWORD, "bot_token": "x"}
    call("GET", "/v1/auth/challenge")
    call("POST", "/v1/auth/login", sign_in)
    call("POST", "/v1/auth/login", {**sign_in, "cookie": True})
    call("POST", "/v1/auth/login", {**sign_in, "password": "wrong"}, 401)
    call("POST", "/v1/auth/login", {}, 422)
    call("POST", "/v1/auth/refresh", {"refresh_token": user.refresh_token})
    call("PATCH", "/v1/me", {"name": "Ada", "country": "DE"})
    call("PATCH", "/v1/me", {"names": "Ada"}, 422)
    call("GET", "/v1/users/{username}", username=me["username"])
    call("GET", "/v1/users/{username}", status=404, username="nobody.at.all")
    call("GET", "/v1/auth/sessions")
    call("GET", "/v1/admin/users", status=403)
    companion = call("GET", "/v1/companions")["items"][0]
    call("GET", "/v1/companions/{companion_id}", companion_id=companion["id"])
    place = {"conversation_id": call("POST", "/v1/conversations", {"companion_id": companion["id"]}, 201)["id"]}
    call("POST", "/v1/conversations", {"companion_id": companion["id"]})
    permit = call("POST", "/v1/permits", {"bot_token": "x", "scope": "chat_send"}, 201)["permit_id"]
    sent = {"client_id": str(uuid.uuid4()), "permit_id": permit, "kind": "text", "text": "Hello"}
    call("POST", f"{CONVERSATION}/messages", sent, 201, **place)
    call("POST", f"{CONVERSATION}/messages", sent, **place)
    call("POST", f"{CONVERSATION}/messages", {**sent, "text": "Bye"}, 409, **place)
    spent = {**sent, "client_id": str(uuid.uuid4()), "permit_id": "none"}
    call("POST", f"{CONVERSATION}/messages", spent, 403, **place)
    path = f"{CONVERSATION}/messages".format(**place)
    eventually(lambda: len(user.call("GET", path)["items"]) == 2, within=60)
    call("GET", f"{CONVERSATION}/messages", **place)
    call("GET", CONVERSATION, **place)
    call("GET", CONVERSATION, status=404, conversation_id=str(uuid.uuid4()))
    call("GET", "/v1/conversations")
    call("POST", f"{CONVERSATION}/read", {"seq": 2}, 204, **place)
    call("POST", f"{CONVERSATION}/delivered", {"seq": 2}, 204, **place)
    again = {"client_id": str(uuid.uuid4()), "permit_id": permit}
    call("POST", f"{CONVERSATION}/regenerate", again, 202, **place)
    call("POST", "/v1/auth/logout", status=204)
    call("GET", "/v1/me", status=401)


def test_a_field_that_is_always_there_is_documented_as_such(document: Document) -> None:
    schemas = document["components"]["schemas"]
    for name in ("chat_Conversation", "chat_Message", "ai_Companion", "gateway_Profile", "quota_Permit"):
        assert set(schemas[name]["required"]) == set(schemas[name]["properties"]), name
    assert schemas["gateway_Session"]["required"] == ["user"]
    assert set(schemas["gateway_Problem"]["required"]) == set(schemas["gateway_Problem"]["properties"]) - {"errors"}


def test_a_limit_that_a_client_can_check_by_itself_is_documented(document: Document) -> None:
    def field(schema: str, name: str) -> Any:
        return document["components"]["schemas"][schema]["properties"][name]

    assert field("gateway_RegisterBody", "password")["minLength"] == 10
    assert "minLength" not in field("gateway_LoginBody", "password")
    assert field("gateway_ProfileBody", "country")["pattern"] == "^[A-Z]{2}$"
    for schema in ("ai_NewCompanion", "ai_CompanionChanges"):
        assert field(schema, "age")["minimum"] == 18
