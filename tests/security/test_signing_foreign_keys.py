"""Foreign keys mixed with one's own, through the gateway and with the real neighbours (guarantees 19 and 25)."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import uuid7
from tests.media_svc.companion_media_kit import Made, completed
from tests.security.in_process import InProcess
from tests.security.refusals import created

VISITOR, USER, MODERATOR, ADMIN = "stranger", "user", "moderator", "admin"


def execute(duet: InProcess, statement: str, *params: Any) -> None:
    database = duet.services["media-svc"].database
    with database.transaction():
        database.execute(statement, params)


def sign(duet: InProcess, who: str, keys: list[str]) -> dict[str, Any]:
    answer = duet.call("gateway", who, "POST", "/v1/media/sign", json={"keys": keys})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(json.loads(answer.get_data()))


@pytest.fixture
def made(duet: InProcess, known: dict[str, str]) -> dict[str, Made]:
    """Media of the user, of the admin, and of an inactive companion with whom the moderator talks."""

    def put(purpose: str, owner: str, **more: Any) -> Made:
        return completed(
            lambda statement, *params: execute(duet, statement, *params), purpose, UUID(duet.accounts[owner].id), **more
        )

    def conversation(who: str, companion: UUID) -> UUID:
        answer = duet.call("gateway", who, "POST", "/v1/conversations", json={"companion_id": str(companion)})
        assert answer.status_code in (200, 201)
        return UUID(answer.get_json()["id"])

    retired = UUID(
        created(duet.call("gateway", ADMIN, "POST", "/v1/admin/companions", json={"name": "Vera", "age": 31}))["id"]
    )
    conversation(MODERATOR, retired)
    changed = duet.call("gateway", ADMIN, "PATCH", f"/v1/admin/companions/{retired}", json={"is_active": False})
    assert changed.status_code == 200
    active = UUID(known["companion_id"])
    sent = {"used_by": uuid7(), "message_id": uuid7()}
    gallery = put("companion_media", ADMIN, companion_id=active)
    answer = duet.call(
        *("gateway", ADMIN, "POST", f"/v1/admin/companions/{active}/media"),
        json={"upload_id": str(gallery.upload_id), "surface": "gallery", "premium_only": True, "can_be_liked": True},
    )
    created(answer)
    return {
        "mine": put("chat", USER, conversation_id=conversation(USER, active), **sent),
        "theirs": put("chat", ADMIN, conversation_id=UUID(known["conversation_id"]), **sent),
        "retired": put("companion_profile", ADMIN, companion_id=retired, used_by=uuid7()),
        "active": put("companion_background", ADMIN, companion_id=active, used_by=uuid7()),
        "premium": gallery,
    }


def test_own_keys_are_signed_and_all_others_denied_in_one_answer(duet: InProcess, made: dict[str, Made]) -> None:
    full = {name: one.keys["full"] for name, one in made.items()}
    odd = ["*", "../", full["mine"].replace("full.jpg", "*"), full["mine"].replace(".", "%2e"), f"{full['mine']}\x00"]
    expected = {
        VISITOR: {"active"},
        USER: {"mine", "active"},
        MODERATOR: {"active", "retired"},
        ADMIN: {"theirs", "active", "retired", "premium"},
    }
    for who, names in expected.items():
        told = sign(duet, who, [*odd, *full.values(), *full.values()])
        assert {name for name, key in full.items() if key in told["urls"]} == names, who
        assert told["denied"] == [*odd, *(key for name, key in full.items() if name not in names)]


def test_a_free_user_signs_the_preview_of_a_premium_only_picture_alone(duet: InProcess, made: dict[str, Made]) -> None:
    keys = made["premium"].keys
    told = sign(duet, USER, list(keys.values()))
    assert list(told["urls"]) == [keys["preview"]]
    assert duet.services["quota-svc"].usecases.premium.grant(uuid7(), duet.accounts["user"].id, 1, "test") is not None
    assert sign(duet, USER, list(keys.values()))["denied"] == []


def test_a_foreign_key_and_one_that_is_none_are_told_alike(duet: InProcess, made: dict[str, Made]) -> None:
    foreign = made["theirs"].keys["full"]
    missing = foreign.replace(str(made["theirs"].upload_id), str(uuid7()))
    told = [sign(duet, USER, [key]) for key in (foreign, missing)]
    assert [(one["urls"], len(one["denied"])) for one in told] == [({}, 1), ({}, 1)]
