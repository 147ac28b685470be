"""Avatars and backgrounds of companions: uploads that are used once, and what media-svc counts (COMP-1)."""

from typing import Any
from uuid import UUID

import pytest

from chassis.contracts.ai import CompanionChanged
from chassis.contracts.media import CompanionMediaChanged
from chassis.errors import Conflict, Unavailable
from chassis.ids import derive, uuid7
from chassis.inbox import Done
from chassis.testing import Caller, Harness, problem
from tests.ai_svc.asking import MIRA
from tests.ai_svc.neighbours import MediaStandIn

FIELDS = {
    "avatar_upload_id": ("companion_profile", "avatar_key"),
    "background_upload_id": ("companion_background", "background_key"),
}
ADMIN = str(uuid7())


@pytest.fixture
def admin(ai: Harness) -> Caller:
    return ai.user(ADMIN, "admin")


@pytest.fixture
def mira(admin: Caller) -> dict[str, Any]:
    return dict(admin("POST", "/v1/admin/companions", MIRA).json)


def uploaded(media: MediaStandIn, field: str, companion_id: str, owner_id: str = ADMIN) -> str:
    """An upload that an admin made for a field of a companion."""
    upload_id = str(uuid7())
    media.uploads[upload_id] = {
        "owner_id": owner_id,
        "purpose": FIELDS[field][0],
        "companion_id": companion_id,
        "key": f"companions/{companion_id}/{upload_id}/full.webp",
    }
    return upload_id


@pytest.mark.parametrize("field", FIELDS)
def test_an_upload_becomes_the_picture_of_a_companion_and_null_takes_it_away(
    ai: Harness, media: MediaStandIn, admin: Caller, mira: dict[str, Any], field: str
) -> None:
    shown = FIELDS[field][1]
    upload_id = uploaded(media, field, mira["id"])
    path = f"/v1/admin/companions/{mira['id']}"
    changed = [admin("PATCH", path, {field: upload_id}) for _ in range(2)]
    assert [one.status_code for one in changed] == [200, 200], "the same upload may be named again"
    assert changed[0].json[shown] == media.uploads[upload_id]["key"]
    assert ai.anonymous()("GET", f"/v1/companions/{mira['id']}").json[shown] == media.uploads[upload_id]["key"]
    assert UUID(media.uploads[upload_id]["used_by"]).version == 7
    assert admin("PATCH", path, {field: None}).json[shown] is None
    assert media.seen == ["use", "use"]


def test_a_new_avatar_is_announced(ai: Harness, media: MediaStandIn, admin: Caller, mira: dict[str, Any]) -> None:
    upload_id = uploaded(media, "avatar_upload_id", mira["id"])
    admin("PATCH", f"/v1/admin/companions/{mira['id']}", {"avatar_upload_id": upload_id})
    assert [(one["version"], one["avatar_key"]) for one in ai.emitted(CompanionChanged)] == [
        (1, None),
        (2, media.uploads[upload_id]["key"]),
    ]


@pytest.mark.parametrize("field", FIELDS)
def test_a_new_companion_may_name_none_and_not_what_was_made_for_another(
    ai: Harness, media: MediaStandIn, admin: Caller, mira: dict[str, Any], field: str
) -> None:
    made = admin("POST", "/v1/admin/companions", {**MIRA, field: None})
    assert (made.status_code, made.json[FIELDS[field][1]]) == (201, None)
    upload_id = uploaded(media, field, mira["id"])
    refused = admin("POST", "/v1/admin/companions", {**MIRA, field: upload_id})
    assert refused.status_code == 422
    assert problem(refused)["errors"] == {field: ["Was uploaded for something else."]}
    assert len(ai.emitted(CompanionChanged)) == 2


@pytest.mark.parametrize("field", FIELDS)
def test_what_media_svc_refuses_is_told_as_it_meant_it_and_nothing_changes(
    ai: Harness, media: MediaStandIn, admin: Caller, mira: dict[str, Any], field: str
) -> None:
    path = f"/v1/admin/companions/{mira['id']}"
    other = next(one for one in FIELDS if one != field)
    refusals = {
        str(uuid7()): (404, "not-found", None),
        uploaded(media, field, mira["id"], owner_id=str(uuid7())): (404, "not-found", None),
        uploaded(media, field, str(uuid7())): (422, "validation-failed", {field}),
        uploaded(media, other, mira["id"]): (422, "validation-failed", {field}),
    }
    for upload_id, (status, code, errors) in refusals.items():
        refused = admin("PATCH", path, {field: upload_id, "bio": "Changed."})
        told = problem(refused)
        assert (refused.status_code, told["code"]) == (status, code)
        assert (set(told["errors"]) if errors else None) == errors
    for code in ("upload-blocked", "upload-not-ready", "upload-already-used"):
        media.refusals["use"] = Conflict(code=code)
        refused = admin("PATCH", path, {field: str(uuid7())})
        assert (refused.status_code, problem(refused)["code"]) == (409, code)
    media.refusals["use"] = Unavailable()
    assert admin("PATCH", path, {field: str(uuid7())}).status_code == 503
    assert admin("GET", path).json == mira


def test_an_upload_is_not_touched_for_a_companion_that_is_unknown_or_a_change_that_is_wrong(
    media: MediaStandIn, admin: Caller, mira: dict[str, Any]
) -> None:
    change = {"avatar_upload_id": uploaded(media, "avatar_upload_id", mira["id"])}
    assert admin("PATCH", f"/v1/admin/companions/{uuid7()}", change).status_code == 404
    assert admin("PATCH", f"/v1/admin/companions/{mira['id']}", {**change, "age": 17}).status_code == 422
    assert media.seen == []


def test_only_admins_may_change_pictures(ai: Harness, media: MediaStandIn, mira: dict[str, Any]) -> None:
    change = {"avatar_upload_id": uploaded(media, "avatar_upload_id", mira["id"])}
    for role in ("user", "moderator"):
        assert ai.user(ADMIN, role)("PATCH", f"/v1/admin/companions/{mira['id']}", change).status_code == 403
    assert media.seen == []


def test_the_seed_may_bring_pictures_also_later_but_overwrites_none(ai: Harness) -> None:
    companions = ai.service.usecases.companions
    first, second = (str(derive(uuid7(), name)) for name in ("first", "second"))
    pictures = {"avatar_key": "companions/a/full.webp", "background_key": "companions/b/full.webp"}
    assert companions.seed([{"id": first, **MIRA}, {"id": second, **MIRA, **pictures}]) == 2
    later = {"avatar_key": "companions/c/full.webp", "background_key": None}
    assert companions.seed([{"id": first, **MIRA, **later}, {"id": second, **MIRA, **later}]) == 0
    assert companions.seed([{"id": first, **MIRA, **later}]) == 0
    shown = {one: companions.get(one) for one in (first, second)}
    assert (shown[first]["avatar_key"], shown[first]["background_key"]) == ("companions/c/full.webp", None)
    assert {name: shown[second][name] for name in pictures} == pictures
    told = [(one["companion_id"], one["version"], one["avatar_key"]) for one in ai.emitted(CompanionChanged)]
    assert told == [
        (first, 1, None),
        (second, 1, "companions/a/full.webp"),
        (first, 2, "companions/c/full.webp"),
    ]


def counted(companion_id: str, version: int, *counts: int) -> CompanionMediaChanged:
    return CompanionMediaChanged(UUID(companion_id), version, *counts)


def test_counts_follow_media_svc_and_an_older_count_changes_nothing(ai: Harness, mira: dict[str, Any]) -> None:
    def counts() -> dict[str, int]:
        return dict(ai.anonymous()("GET", f"/v1/companions/{mira['id']}").json["counts"])

    assert ai.deliver(counted(mira["id"], 3, 7, 2, 4), times=3) == [Done()] * 3
    assert counts() == {"gallery": 7, "posts": 2, "assets": 4}
    for version in (1, 2, 3):
        ai.deliver(counted(mira["id"], version, 1, 1, 1))
    assert counts() == {"gallery": 7, "posts": 2, "assets": 4}
    ai.deliver(counted(mira["id"], 4, 0, 0, 5))
    assert counts() == {"gallery": 0, "posts": 0, "assets": 5}
    assert len(ai.emitted(CompanionChanged)) == 1, "counts are no news to the neighbours"


def test_counts_of_an_unknown_companion_are_nobodys(ai: Harness) -> None:
    assert ai.deliver(counted(str(uuid7()), 1, 1, 1, 1)) == [Done()]
