"""What is kept no longer goes, what must be kept stays, also while everybody goes on working (MEDIA-5, MEDIA-8)."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from chassis.ids import uuid7
from media_svc.domain.keys import evidence_key, final_prefix, incoming_key
from media_svc.ports import PresignedPut
from media_svc.usecases.retention import Swept
from tests.media_svc.conftest import Build
from tests.media_svc.media_stand_ins import Media, in_parallel
from tests.media_svc.plain_decoder import PlainDecoder
from tests.media_svc.retention_kit import PICTURE, age, keys, put_object, row_keys, shown, sweep, upload_keys, verify
from tests.media_svc.store_worlds import StoreWorld
from tests.stubs.swift import Swift


def test_what_nobody_used_for_a_day_goes_and_what_was_used_stays(quick: Media, tmp_path: Path) -> None:
    unused, used = shown(quick, used=False), shown(quick)
    kept = upload_keys(quick, used)
    age(quick, tmp_path, 25)
    young = shown(quick, used=False)
    assert sweep(quick).unused_uploads == 1
    quick.work()
    assert keys(quick) == kept | upload_keys(quick, young) | {incoming_key(UUID(young["upload_id"]))}
    assert row_keys(quick) == kept | upload_keys(quick, young)
    owner = quick.row("SELECT owner_id FROM uploads WHERE id = %s", unused["upload_id"])[0]
    assert quick.user(owner)("GET", f"/v1/uploads/{unused['upload_id']}").status_code == 404
    assert sweep(quick) == Swept()


def test_an_upload_whose_check_took_longer_than_a_day_can_still_be_used_for_one(quick: Media, tmp_path: Path) -> None:
    late = shown(quick, used=False)
    age(quick, tmp_path, 30)
    quick.execute("UPDATE uploads SET processed_at = now() - interval '23 hours'")
    assert sweep(quick).unused_uploads == 0
    age(quick, tmp_path, 2)
    assert sweep(quick).unused_uploads == 1
    quick.work()
    assert upload_keys(quick, late) == set()


def test_an_upload_whose_bytes_never_came_or_were_never_completed_goes(quick: Media, tmp_path: Path) -> None:
    me = uuid7()
    user, conversation = quick.user(me), str(quick.chat.open(me))
    body = {
        "purpose": "chat", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE),
        "conversation_id": conversation,
    }  # fmt: skip
    announced, put = quick.announce(user, body), quick.announce(user, body)
    assert quick.put(put, PICTURE) == 200
    age(quick, tmp_path, 23)
    assert sweep(quick) == Swept()
    age(quick, tmp_path, 2)
    assert sweep(quick).unused_uploads == 2
    quick.work()
    assert keys(quick) == set()
    for created in (announced, put):
        assert user("GET", f"/v1/uploads/{created['upload_id']}").status_code == 404


def test_what_was_blocked_or_held_is_never_swept(quick: Media, tmp_path: Path) -> None:
    held = shown(quick, used=False)
    quick.service.usecases.takedowns.hold(UUID(held["upload_id"]), "test")
    quick.work()
    blocked = shown(quick, used=False)
    quick.execute(
        "UPDATE uploads SET status = 'blocked', media = NULL, sha256_full = NULL, nsfw_flag = 'blocked' WHERE id = %s",
        blocked["upload_id"],
    )
    quick.execute("UPDATE objects SET evidence = true WHERE upload_id = %s", blocked["upload_id"])
    evidence = {key for key in keys(quick) if not key.startswith("incoming/")}
    assert any(key.startswith("evidence/") for key in evidence)
    age(quick, tmp_path, 24 * 400)
    swept = sweep(quick)
    quick.work()
    assert (swept.unused_uploads, swept.orphan_objects, swept.orphan_rows, swept.cooled) == (0, 0, 0, 0)
    assert keys(quick) == evidence


def test_evidence_without_a_row_and_foreign_files_are_told_and_kept(quick: Media, tmp_path: Path) -> None:
    stray = put_object(quick, tmp_path, evidence_key(final_prefix("chat", uuid7(), uuid7()) + "full.webp"))
    held = shown(quick)
    quick.execute("UPDATE uploads SET held = true WHERE id = %s", held["upload_id"])
    unknown = put_object(quick, tmp_path, final_prefix("chat", uuid7(), UUID(held["upload_id"])) + "other.webp")
    age(quick, tmp_path, 25)
    swept = sweep(quick)
    assert set(swept.kept) == {stray, unknown}
    assert swept.orphan_objects == 0
    assert {stray, unknown} <= keys(quick)


def test_a_tombstone_goes_once_its_url_is_of_no_use_any_more(quick: Media, tmp_path: Path) -> None:
    upload = shown(quick)
    key = incoming_key(UUID(upload["upload_id"]))
    assert quick.objects()[key] == b""
    age(quick, tmp_path, 1)
    assert sweep(quick) == Swept()
    age(quick, tmp_path, 1)
    assert sweep(quick, dry_run=True) == Swept(tombstones=1)
    assert key in keys(quick)
    assert sweep(quick) == Swept(tombstones=1)
    assert key not in keys(quick)
    assert sweep(quick) == Swept()


def test_objects_that_no_row_knows_go_after_a_day(quick: Media, tmp_path: Path) -> None:
    upload = shown(quick)
    kept = upload_keys(quick, upload)
    scope = UUID(upload["conversation_id"])
    strays = {
        put_object(quick, tmp_path, final_prefix("chat", scope, UUID(upload["upload_id"])) + "fullr7.webp"),
        put_object(quick, tmp_path, final_prefix("avatar", uuid7(), uuid7()) + "full.webp"),
        put_object(quick, tmp_path, incoming_key(uuid7())),
    }
    assert sweep(quick) == Swept()
    age(quick, tmp_path, 25)
    assert sweep(quick, dry_run=True).orphan_objects == 3
    assert strays <= keys(quick)
    assert sweep(quick).orphan_objects == 3
    assert keys(quick) == kept


def test_rows_whose_object_never_came_go_and_a_lost_object_is_told(quick: Media, tmp_path: Path) -> None:
    upload = shown(quick)
    key = upload["media"]["key"]
    unwritten = key.replace("full.jpg", "fullr2.jpg")
    quick.execute(
        "INSERT INTO objects (key, upload_id, role, content_type, size, sha256)"
        " VALUES (%s, %s, 'full', 'image/jpeg', 5, 'x')",
        unwritten,
        upload["upload_id"],
    )
    quick.ports.store.remove([key])
    assert sweep(quick) == Swept()
    age(quick, tmp_path, 25)
    dry, wet = sweep(quick, dry_run=True), sweep(quick)
    for swept in (dry, wet):
        assert (swept.orphan_rows, swept.lost) == (1, [key])
    assert unwritten not in row_keys(quick)
    assert key in row_keys(quick)


def test_media_older_than_90_days_moves_to_the_colder_class_and_is_seen_as_before(quick: Media, tmp_path: Path) -> None:
    upload = shown(quick)
    age(quick, tmp_path, 24 * 89)
    assert sweep(quick).cooled == 0
    age(quick, tmp_path, 24 * 2)
    count = len(upload_keys(quick, upload))
    young = shown(quick)
    assert sweep(quick, dry_run=True).cooled == count
    before = quick.objects()
    assert sweep(quick).cooled == count
    assert quick.objects() == before
    classes = {found.key: found.storage_class for found in quick.ports.store.list("chat/")}
    assert set(classes.values()) == {"STANDARD", "STANDARD_IA"}
    for key, storage_class in classes.items():
        assert (storage_class == "STANDARD_IA") == (upload["upload_id"] in key)
        assert quick.row("SELECT storage_class FROM objects WHERE key = %s", key) == (storage_class,)
    assert young["status"] == "completed"
    assert sweep(quick).cooled == 0


def test_a_sweep_that_broke_off_is_finished_by_the_next(quick: Media, tmp_path: Path) -> None:
    """The store was changed, and the process killed before the row said so."""
    upload = shown(quick)
    age(quick, tmp_path, 24 * 91)
    (first, *_rest) = sorted(upload_keys(quick, upload))
    quick.ports.store.set_storage_class(first, "STANDARD_IA")
    quick.ports.store.remove([incoming_key(UUID(upload["upload_id"]))])
    swept = sweep(quick)
    assert (swept.tombstones, swept.cooled) == (1, len(upload_keys(quick, upload)))
    assert sweep(quick) == Swept()


def test_an_upload_that_is_claimed_at_the_same_moment_is_either_kept_or_refused(quick: Media, tmp_path: Path) -> None:
    me = uuid7()
    conversation = quick.chat.open(me)
    uploads = [quick.upload(me, PICTURE + bytes([n]), conversation_id=str(conversation)) for n in range(6)]
    age(quick, tmp_path, 25)

    def act(number: int) -> int:
        if number == 0:
            sweep(quick)
            return 0
        return quick.claim(me, uploads[number - 1]).status_code

    _swept, *statuses = in_parallel(7, act)
    quick.work()
    assert set(statuses) <= {200, 404}
    for upload, status in zip(uploads, statuses, strict=True):
        used, removed = quick.row(
            "SELECT used_by IS NOT NULL, removed_at IS NOT NULL FROM uploads WHERE id = %s", upload["upload_id"]
        )
        assert (used, removed) == (status == 200, status == 404)
        assert bool(upload_keys(quick, upload)) == (status == 200)


def test_ten_sweeps_at_once_do_it_once(quick: Media, tmp_path: Path) -> None:
    for _ in range(3):
        shown(quick, used=False)
    used = shown(quick)
    age(quick, tmp_path, 24 * 91)
    swept = in_parallel(10, lambda _number: sweep(quick))
    quick.work()
    assert sum(one.unused_uploads for one in swept) == 3
    assert all(one.lost == one.kept == [] for one in swept)
    assert keys(quick) == row_keys(quick) == upload_keys(quick, used)


def test_a_worker_sweeps_by_itself_and_a_store_that_is_away_only_puts_it_off(quick: Media, tmp_path: Path) -> None:
    shown(quick, used=False)
    stray = put_object(quick, tmp_path, final_prefix("avatar", uuid7(), uuid7()) + "full.webp")
    age(quick, tmp_path, 25)
    folder, aside = tmp_path / "media", tmp_path / "aside"
    folder.rename(aside)
    folder.write_text("a file where the folder should be")
    quick.run_loop("sweep-store")
    folder.unlink()
    aside.rename(folder)
    assert stray in keys(quick)
    quick.run_loop("sweep-uploads")
    quick.run_loop("sweep-store")
    quick.work()
    assert keys(quick) == set()


def test_many_objects_are_swept_page_by_page(quick: Media, tmp_path: Path) -> None:
    count = 1203
    upload = shown(quick)
    prefix = final_prefix("chat", UUID(upload["conversation_id"]), UUID(upload["upload_id"]))
    folder = tmp_path / "media" / prefix
    body = next(path for path in folder.iterdir()).read_bytes()
    for number in range(count):
        (folder / f"x{number}.webp").write_bytes(body)
        if number % 3:
            quick.execute(
                "INSERT INTO objects (key, upload_id, role, content_type, size, sha256)"
                " VALUES (%s, %s, 'rendition', 'image/webp', 5, 'x')",
                f"{prefix}x{number}.webp",
                upload["upload_id"],
            )
    age(quick, tmp_path, 25)
    assert sweep(quick).orphan_objects == (count + 2) // 3
    assert sweep(quick).orphan_objects == 0


def test_on_s3_the_same_goes_and_what_its_server_lacks_stops_nothing(
    build: Build, decoder: PlainDecoder, swift: Swift, tmp_path: Path
) -> None:
    """Swift has no colder class; test_store_requests.py shows what S3 is asked for."""
    bucket = f"sweep-{uuid7()}"
    media = build(lambda ports: replace(ports, decoder=decoder), **swift.environment(bucket))
    media.service.usecases.set_up_store()
    world = StoreWorld("swift", media.ports.store, media.ports.store, swift.endpoint, {})
    uploads = []
    for used in (True, False):
        me = uuid7()
        body = {
            "purpose": "chat", "kind": "image", "content_type": "image/jpeg", "size": len(PICTURE),
            "conversation_id": str(media.chat.open(me)),
        }  # fmt: skip
        created = media.announce(media.user(me), body)
        assert world.put(PresignedPut(created["upload_url"], created["headers"]), PICTURE) == 200
        media.complete(media.user(me), created["upload_id"])
        media.work()
        upload = media.get(media.user(me), created["upload_id"])
        assert not used or media.claim(me, upload).status_code == 200
        uploads.append(upload)
    stray = put_object(media, tmp_path, final_prefix("chat", uuid7(), uuid7()) + "full.webp")
    age(media, tmp_path, 24 * 91)
    swept = sweep(media)
    media.work()
    assert swept == Swept(unused_uploads=1, tombstones=2)
    assert keys(media) == upload_keys(media, uploads[0]) | {stray}
    assert verify(media).good == len(upload_keys(media, uploads[0]))
    assert verify(media).young == 1
