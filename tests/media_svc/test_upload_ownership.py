"""Another user's upload can't be told from a missing one, and what is removed is gone for its owner as well."""

from uuid import uuid4

import pytest

from chassis.ids import uuid7
from chassis.testing import problem
from tests.media_svc.media_stand_ins import Media

PICTURE = b"\xff\xd8\xff a picture, as far as the plain decoder cares"


@pytest.mark.parametrize("role", ["user", "moderator", "admin"])
@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/complete")])
def test_a_foreign_upload_reads_like_a_missing_one(quick: Media, role: str, method: str, path: str) -> None:
    upload = quick.upload(uuid7(), PICTURE)
    stranger = quick.user(uuid7(), role)
    # The last one is no id of ours by its form: that it is answered elsewhere must not show either.
    answers = [stranger(method, f"/v1/uploads/{one}{path}") for one in (upload["upload_id"], uuid7(), uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    first, second, third = ({**problem(answer), "request_id": ""} for answer in answers)
    assert first == second == third
    assert quick.row("SELECT removed_at FROM uploads") == (None,)


def test_a_foreign_upload_can_t_be_completed_before_its_owner_does(quick: Media) -> None:
    me = uuid7()
    created = quick.announce(quick.user(me), {
        "purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE),
    })  # fmt: skip
    assert quick.put(created, PICTURE) == 200
    assert quick.user(uuid7())("POST", f"/v1/uploads/{created['upload_id']}/complete").status_code == 404
    assert quick.row("SELECT status FROM uploads") == ("uploading",)


def test_the_batch_tells_only_the_viewer_s_own_in_the_order_asked(quick: Media) -> None:
    me = uuid7()
    mine, removed = (quick.upload(me, PICTURE)["upload_id"] for _ in range(2))
    foreign = quick.upload(uuid7(), PICTURE)["upload_id"]
    assert quick.user(me)("DELETE", f"/v1/uploads/{removed}").status_code == 204
    body = {"viewer": str(me), "ids": [foreign, mine, str(uuid7()), removed, mine]}
    answer = quick.as_gateway("POST", "/internal/uploads:batch", body)
    assert answer.status_code == 200
    told = [one and one["upload_id"] for one in answer.json["items"]]
    assert told == [None, mine, None, None, mine]
    assert answer.json["items"][1] == quick.get(quick.user(me), mine)


def test_a_batch_has_its_limit(quick: Media) -> None:
    body = {"viewer": str(uuid7()), "ids": [str(uuid7()) for _ in range(201)]}
    assert quick.as_gateway("POST", "/internal/uploads:batch", body).status_code == 422


def test_a_deleted_upload_is_gone_with_its_objects_and_may_be_deleted_again(quick: Media) -> None:
    me = uuid7()
    user = quick.user(me)
    upload = quick.upload(me, PICTURE)
    path = f"/v1/uploads/{upload['upload_id']}"
    assert [user("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert user("GET", path).status_code == 404
    assert user("POST", f"{path}/complete").status_code == 404
    quick.work()
    assert quick.objects() == {f"incoming/{upload['upload_id']}": b""}
    assert quick.rows("SELECT key FROM objects") == []
    assert user("DELETE", path).status_code == 204


def test_nothing_can_be_put_to_a_deleted_upload(quick: Media) -> None:
    user = quick.user(uuid7())
    created = quick.announce(user, {
        "purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE),
    })  # fmt: skip
    assert user("DELETE", f"/v1/uploads/{created['upload_id']}").status_code == 204
    quick.work()
    assert quick.put(created, PICTURE) == 412
    assert quick.objects() == {created["object_key"]: b""}


def test_the_incoming_bytes_are_gone_and_the_address_stays_closed_after_the_processing(quick: Media) -> None:
    user = quick.user(uuid7())
    created = quick.announce(user, {
        "purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE),
    })  # fmt: skip
    assert [quick.put(created, PICTURE) for _ in range(2)] == [200, 412]
    quick.complete(user, created["upload_id"])
    assert quick.put(created, PICTURE) == 412
    quick.work()
    assert quick.put(created, PICTURE) == 412
    assert quick.objects()[created["object_key"]] == b""
    assert quick.row("SELECT tombstone FROM uploads") == (True,)


def test_after_the_address_has_expired_no_tombstone_is_left(quick: Media) -> None:
    user = quick.user(uuid7())
    created = quick.announce(user, {
        "purpose": "avatar", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE),
    })  # fmt: skip
    quick.put(created, PICTURE)
    quick.complete(user, created["upload_id"])
    quick.execute("UPDATE uploads SET url_expires_at = now() - interval '1 second'")
    quick.work()
    assert created["object_key"] not in quick.objects()
    assert quick.row("SELECT status, tombstone FROM uploads") == ("completed", False)
