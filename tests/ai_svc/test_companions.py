"""Companions: browsed by everybody, kept by admins, always adults, their persona never shown (COMP-1)."""

import uuid
from typing import Any

import pytest

from ai_svc.app import create_service
from chassis.contracts.ai import CompanionChanged
from chassis.ids import derive, uuid7
from chassis.testing import Harness, Keys, environment, problem
from chassis.upstream import Network

SECRET = "Whisper about the lighthouse."
MIRA = {"name": "Mira", "age": 27, "bio": "Painter in Lisbon.", "persona_prompt": SECRET, "voice_id": "voice-7"}


def create(ai: Harness, **more: Any) -> dict[str, Any]:
    answer = ai.user(uuid7(), "admin")("POST", "/v1/admin/companions", {**MIRA, **more})
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def test_an_admin_makes_a_companion_that_everybody_can_see_without_its_persona(ai: Harness) -> None:
    admin = uuid7()
    made = ai.user(admin, "admin")("POST", "/v1/admin/companions", MIRA)
    assert made.status_code == 201
    body = made.json
    assert (body["persona_prompt"], body["voice_id"], body["is_active"]) == (SECRET, "voice-7", True)
    assert body["created_by"] == str(admin)
    for caller in (ai.anonymous(), ai.user(uuid7()), ai.user(uuid7(), "admin")):
        seen = caller("GET", f"/v1/companions/{body['id']}")
        assert seen.status_code == 200
        assert seen.json == {
            "id": body["id"],
            "name": "Mira",
            "age": 27,
            "bio": "Painter in Lisbon.",
            "avatar_key": None,
            "background_key": None,
            "counts": {"gallery": 0, "posts": 0, "assets": 0},
        }
        listed = caller("GET", "/v1/companions")
        assert listed.json == {"items": [seen.json], "next_cursor": None}


def test_no_public_or_internal_answer_holds_the_persona_prompt(ai: Harness) -> None:
    made = create(ai)
    for path in ("/v1/companions", "/v1/companions?q=mira", f"/v1/companions/{made['id']}"):
        for caller in (ai.anonymous(), ai.user(uuid7()), ai.user(uuid7(), "admin")):
            text = caller("GET", path).get_data(as_text=True)
            assert made["id"] in text
            assert "persona_prompt" not in text
            assert SECRET not in text
    text = ai.neighbour("chat-svc")("GET", f"/internal/companions/{made['id']}").get_data(as_text=True)
    assert SECRET not in text


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_companion_that_is_no_adult_or_has_no_proper_age_is_refused(ai: Harness, method: str) -> None:
    made = create(ai, age=18)
    path = "/v1/admin/companions" + (f"/{made['id']}" if method == "PATCH" else "")
    for age in (17, 0, -1, 1000, 2**63, 18.0, "18", True, None):
        refused = ai.user(uuid7(), "admin")(method, path, {**MIRA, "age": age})
        assert refused.status_code == 422, age
        assert set(problem(refused)["errors"]) == {"age"}
    assert [one["age"] for one in ai.anonymous()("GET", "/v1/companions").json["items"]] == [18]


def test_fields_that_are_wrong_or_nobody_may_set_are_refused_by_name(ai: Harness) -> None:
    made = create(ai)
    admin = ai.user(uuid7(), "admin")
    wrongs: list[dict[str, Any]] = [
        {"name": " "}, {"name": "x" * 61}, {"name": "two\nlines"}, {"name": "nul\u0001"}, {"bio": "x" * 2001},
        {"persona_prompt": "x" * 8001}, {"is_active": "yes"}, {"avatar_upload_id": "x"}, {"counts": {}},
        {"background_upload_id": 7}, {"avatar_key": "x"}, {"background_key": None}, {"media_version": 9},
        {"id": str(uuid7())}, {"version": 7}, {"name": None},
    ]  # fmt: skip
    for wrong in wrongs:
        for answer in (
            admin("POST", "/v1/admin/companions", {**MIRA, **wrong}),
            admin("PATCH", f"/v1/admin/companions/{made['id']}", wrong),
        ):
            assert answer.status_code == 422, wrong
            assert set(problem(answer)["errors"]) == set(wrong)


def test_only_what_a_patch_names_changes(ai: Harness) -> None:
    made = create(ai)
    admin = ai.user(uuid7(), "admin")
    path = f"/v1/admin/companions/{made['id']}"
    changed = admin("PATCH", path, {"name": "Mirabel", "persona_prompt": None}).json
    assert changed == {**made, "name": "Mirabel", "persona_prompt": None, "updated_at": changed["updated_at"]}
    assert admin("PATCH", path, {}).json == changed
    assert admin("GET", path).json == changed


def test_a_deactivated_companion_is_gone_for_users_and_comes_back(ai: Harness) -> None:
    made = create(ai)
    admin = ai.user(uuid7(), "admin")
    admin("PATCH", f"/v1/admin/companions/{made['id']}", {"is_active": False})
    assert ai.user(uuid7())("GET", f"/v1/companions/{made['id']}").status_code == 404
    assert ai.user(uuid7())("GET", "/v1/companions").json["items"] == []
    assert [one["id"] for one in admin("GET", "/v1/admin/companions").json["items"]] == [made["id"]]
    assert ai.neighbour("chat-svc")("GET", f"/internal/companions/{made['id']}").json["is_active"] is False
    admin("PATCH", f"/v1/admin/companions/{made['id']}", {"is_active": True})
    assert ai.user(uuid7())("GET", f"/v1/companions/{made['id']}").status_code == 200


def test_names_are_searched_without_case_and_without_wildcards(ai: Harness) -> None:
    for name in ("Mira", "ADMIRAL 100%", "under_score", "Élodie", "back\\slash"):
        create(ai, name=name)
    searches = [
        ("mir", {"Mira", "ADMIRAL 100%"}), ("MIR", {"Mira", "ADMIRAL 100%"}), ("%", {"ADMIRAL 100%"}),
        ("_", {"under_score"}), ("éLO", {"Élodie"}), ("\\", {"back\\slash"}), ("' OR 1=1 --", set()),
        ("  ", {"Mira", "ADMIRAL 100%", "under_score", "Élodie", "back\\slash"}), ("strasse", set()),
    ]  # fmt: skip
    for q, found in searches:
        answer = ai.anonymous()("GET", "/v1/companions", query_string={"q": q})
        assert {one["name"] for one in answer.json["items"]} == found, q


def test_pages_hold_every_companion_once_newest_first_also_when_some_are_made_meanwhile(ai: Harness) -> None:
    made = [create(ai, name=f"Companion {n}")["id"] for n in range(7)]
    seen: list[str] = []
    cursor = None
    for _ in range(10):
        query = {"limit": 3, "q": "companion", **({"cursor": cursor} if cursor else {})}
        page = ai.anonymous()("GET", "/v1/companions", query_string=query).json
        seen += [one["id"] for one in page["items"]]
        create(ai, name="Companion later")
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


def test_a_cursor_of_another_list_or_a_made_up_one_is_refused(ai: Harness) -> None:
    for n in range(3):
        create(ai, name=f"Companion {n}")
    cursor = ai.anonymous()("GET", "/v1/companions?limit=1").json["next_cursor"]
    for path in (f"/v1/companions?q=c&cursor={cursor}", "/v1/companions?cursor=x", f"/v1/companions?cursor={cursor}x"):
        answer = ai.anonymous()("GET", path)
        assert answer.status_code == 422
        assert "cursor" in problem(answer)["errors"]
    assert ai.user(uuid7(), "admin")("GET", f"/v1/admin/companions?cursor={cursor}").status_code == 422


def test_a_bad_query_is_refused(ai: Harness) -> None:
    for query in ("limit=0", "limit=101", "limit=x", "page=2", "q=" + "x" * 101, "cursor="):
        assert ai.anonymous()("GET", f"/v1/companions?{query}").status_code == 422, query
    assert ai.anonymous()("GET", "/v1/companions?q=%00").status_code in (400, 422)


EVERYBODY = {"nobody": 401, "anonymous": 200, "user": 200, "moderator": 200, "admin": 200}
ADMINS = {"nobody": 401, "anonymous": 401, "user": 403, "moderator": 403, "admin": 200}
SERVICES = {"nobody": 401, "anonymous": 403, "user": 403, "moderator": 403, "admin": 403}
ROUTES = [
    ("GET", "/v1/companions", None, EVERYBODY),
    ("GET", "/v1/companions/{id}", None, EVERYBODY),
    ("GET", "/v1/admin/companions", None, ADMINS),
    ("POST", "/v1/admin/companions", MIRA, {**ADMINS, "admin": 201}),
    ("GET", "/v1/admin/companions/{id}", None, ADMINS),
    ("PATCH", "/v1/admin/companions/{id}", {"bio": "New."}, ADMINS),
    ("GET", "/internal/companions/{id}", None, SERVICES),
]


def test_every_route_answers_each_kind_of_caller_as_stated(ai: Harness) -> None:
    made = create(ai)
    callers = {
        "anonymous": ai.anonymous(),
        "user": ai.user(uuid7()),
        "moderator": ai.user(uuid7(), "moderator"),
        "admin": ai.user(uuid7(), "admin"),
    }
    for method, path, body, statuses in ROUTES:
        where = path.format(id=made["id"])
        got = {name: caller(method, where, body).status_code for name, caller in callers.items()}
        got["nobody"] = ai.stranger().open(where, method=method, json=body).status_code
        assert got == statuses, (method, path)


def test_only_chat_svc_and_media_svc_may_ask_internally(ai: Harness) -> None:
    made = create(ai)
    for neighbour in ("gateway", "quota-svc", "ai-svc"):
        assert ai.neighbour(neighbour)("GET", f"/internal/companions/{made['id']}").status_code == 403


def test_an_unknown_companion_is_not_found(ai: Harness) -> None:
    admin = ai.user(uuid7(), "admin")
    for companion_id in (uuid7(), uuid.uuid4(), "x", "%2e%2e", "1"):
        assert admin("GET", f"/v1/companions/{companion_id}").status_code == 404
        assert admin("GET", f"/v1/admin/companions/{companion_id}").status_code == 404
        assert admin("PATCH", f"/v1/admin/companions/{companion_id}", {"bio": ""}).status_code == 404
        assert ai.neighbour("chat-svc")("GET", f"/internal/companions/{companion_id}").status_code == 404


def test_chat_svc_learns_what_it_needs_and_which_engine_answers(ai: Harness) -> None:
    made = create(ai)
    assert ai.neighbour("chat-svc")("GET", f"/internal/companions/{made['id']}").json == {
        "id": made["id"],
        "name": "Mira",
        "avatar_key": None,
        "is_active": True,
        "engine": "offline",
    }


def test_every_change_is_announced_with_a_growing_version_and_no_persona(ai: Harness) -> None:
    made = create(ai)
    admin = ai.user(uuid7(), "admin")
    admin("PATCH", f"/v1/admin/companions/{made['id']}", {"name": "Mirabel"})
    admin("PATCH", f"/v1/admin/companions/{made['id']}", {"is_active": False})
    admin("PATCH", f"/v1/admin/companions/{made['id']}", {})
    admin("PATCH", f"/v1/admin/companions/{made['id']}", {"age": 3})
    told = ai.emitted(CompanionChanged)
    assert [(one["version"], one["name"], one["is_active"]) for one in told] == [
        (1, "Mira", True),
        (2, "Mirabel", True),
        (3, "Mirabel", False),
    ]
    assert {one["companion_id"] for one in told} == {made["id"]}
    assert SECRET not in str(told)


def seed_rows() -> list[dict[str, Any]]:
    base = uuid7()
    return [{"id": str(derive(base, name)), **MIRA, "name": name} for name in ("Mira", "Leo")]


def test_seeding_twice_makes_each_companion_once_and_keeps_what_admins_changed(ai: Harness) -> None:
    companions = ai.service.usecases.companions
    rows = seed_rows()
    assert companions.seed(rows) == 2
    ai.user(uuid7(), "admin")("PATCH", f"/v1/admin/companions/{rows[0]['id']}", {"bio": "Edited."})
    assert companions.seed(rows) == 0
    assert ai.anonymous()("GET", f"/v1/companions/{rows[0]['id']}").json["bio"] == "Edited."
    assert len(ai.emitted(CompanionChanged)) == 3


def test_a_worker_with_another_engine_announces_every_companion_once(
    ai: Harness, keys: Keys, database_url: str, network: Network
) -> None:
    ai.service.usecases.companions.seed(seed_rows())
    ai.run_loop("engine")
    assert len(ai.emitted(CompanionChanged)) == 2
    model = {"LLM_BASE_URL_PRIMARY": "http://127.0.0.1:9/v1", "LLM_MODEL_PRIMARY": "m"}
    changed = Harness(create_service(environment("ai-svc", database_url, keys, **model), network), keys)
    assert changed.run_loop("engine")
    assert not changed.run_loop("engine")
    told = changed.emitted(CompanionChanged)[2:]
    assert {(one["name"], one["version"], one["engine"]) for one in told} == {("Mira", 2, "model"), ("Leo", 2, "model")}
    changed.service.database.close()


def test_the_service_is_ready_only_with_its_database_migrated(ai: Harness) -> None:
    ready = ai.stranger().get("/readyz")
    assert (ready.status_code, ready.json["checks"]) == (200, {"database": "ok", "migrations": "ok"})
    with ai.service.database.transaction():
        ai.service.database.execute("DELETE FROM schema_migration")
    assert ai.stranger().get("/readyz").status_code == 503
