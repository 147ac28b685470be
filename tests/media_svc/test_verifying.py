"""Every object is held against its row, byte for byte, whatever is under way (invariants 16 and 20)."""

from pathlib import Path
from uuid import UUID

from chassis.ids import uuid7
from media_svc.domain.keys import final_prefix
from tests.media_svc.media_stand_ins import Media
from tests.media_svc.retention_kit import PICTURE, age, put_object, row_keys, shown, verify


def test_verify_finds_everything_in_order_also_with_uploads_under_way(quick: Media, tmp_path: Path) -> None:
    shown(quick)
    held = shown(quick)
    quick.service.usecases.takedowns.hold(UUID(held["upload_id"]), "test")
    quick.work()
    me = uuid7()
    body = {
        "purpose": "chat", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE),
        "conversation_id": str(quick.chat.open(me)),
    }  # fmt: skip
    assert quick.put(quick.announce(quick.user(me), body), PICTURE) == 200
    age(quick, tmp_path, 25)
    found = verify(quick)
    assert found.holds
    assert found.good == len(row_keys(quick))


def test_verify_names_other_bytes_and_what_has_no_counterpart(quick: Media, tmp_path: Path) -> None:
    changed, grown, lost = (shown(quick)["media"]["key"] for _ in range(3))
    for key, change in ((changed, lambda body: body[:-1] + b"?"), (grown, lambda body: body + b"!")):
        path = tmp_path / "media" / key
        path.write_bytes(change(path.read_bytes()))
    quick.ports.store.remove([lost])
    stray = put_object(quick, tmp_path, final_prefix("chat", uuid7(), uuid7()) + "full.webp")
    found = verify(quick)
    assert (set(found.other_bytes), found.young, found.holds) == ({changed, grown}, 2, False)
    age(quick, tmp_path, 25)
    found = verify(quick)
    assert set(found.other_bytes) == {changed, grown}
    assert (found.without_object, found.without_row, found.young) == ([lost], [stray], 0)
    assert found.good == len(row_keys(quick)) - 3
