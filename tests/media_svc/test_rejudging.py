"""Media is judged again when the policy changes, once each, and what is blocked then is taken down (MEDIA-4)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from chassis.contracts.media import MediaQuarantined, MediaStandingChanged
from chassis.errors import Unavailable
from chassis.ids import uuid7
from media_svc.ports import CheckUnavailable, Sight, Verdict
from media_svc.usecases.rejudging import Rejudged
from tests.corpus import samples
from tests.media_svc.conftest import Build
from tests.media_svc.media_stand_ins import Media
from tests.media_svc.plain_decoder import PlainDecoder

PICTURE = b"\xff\xd8\xff bytes that the plain decoder takes for a picture"


class Policy:
    """A provider under one version of its rules; answers `verdicts` in order, then safe."""

    name = "scripted"
    sees: frozenset[Sight] = frozenset()

    def __init__(self, version: str, *verdicts: Verdict | Exception) -> None:
        self.policy_version = version
        self.verdicts = list(verdicts)
        self.asked: list[Path] = []

    def judge(self, picture: Path, content_type: str) -> Verdict:
        assert picture.read_bytes().startswith(b"\xff\xd8\xff")
        self.asked.append(picture)
        verdict = self.verdicts.pop(0) if self.verdicts else Verdict("safe")
        if isinstance(verdict, Exception):
            raise verdict
        return verdict


class Listed:
    """A hash list that knows everything."""

    def matches(self, sha256s: Sequence[str], pdq: Sequence[str]) -> bool:
        return True


def under(build: Build, policy: Policy, decoder: PlainDecoder | None = None) -> Media:
    """The service as it starts with this policy, on the same database and store."""
    return build(lambda ports: replace(ports, classifier=policy, decoder=decoder or ports.decoder))


def reprocess(media: Media, *, dry_run: bool = False) -> Rejudged:
    done: Rejudged = media.service.usecases.rejudging.reprocess(dry_run=dry_run)
    return done


def stand(media: Media, upload_id: str) -> tuple[str, str, bool, int]:
    """Flag, policy version, held and version of an upload."""
    flag, policy, held, version = media.row(
        "SELECT nsfw_flag, policy_version, held, version FROM uploads WHERE id = %s", upload_id
    )
    return flag, policy, held, version


def test_each_is_judged_once_and_changes_are_told(build: Build, decoder: PlainDecoder) -> None:
    old = under(build, Policy("v1", Verdict("safe"), Verdict("soft")), decoder)
    first, second = (old.upload(uuid7(), PICTURE + bytes([n]))["upload_id"] for n in range(2))
    assert reprocess(old) == Rejudged()
    policy = Policy("v2", Verdict("erotic"), Verdict("soft"))
    new = under(build, policy, decoder)
    before = {one: stand(new, one) for one in (first, second)}
    assert reprocess(new, dry_run=True) == Rejudged(found=2)
    assert (policy.asked, {one: stand(new, one) for one in (first, second)}) == ([], before)
    assert reprocess(new) == Rejudged(found=2, changed=1, unchanged=1)
    assert stand(new, first) == ("erotic", "v2", False, before[first][3] + 1)
    assert stand(new, second) == ("soft", "v2", False, before[second][3])
    (told,) = new.emitted(MediaStandingChanged)
    assert (told["upload_id"], told["nsfw_flag"], told["removed"]) == (first, "erotic", False)
    (kept,) = new.row("SELECT media ->> 'nsfw_flag' FROM uploads WHERE id = %s", first)
    assert kept == "erotic"
    assert reprocess(new) == Rejudged()


def test_what_is_blocked_now_is_held_as_evidence(build: Build, decoder: PlainDecoder) -> None:
    old = under(build, Policy("v1"), decoder)
    upload = old.upload(uuid7(), PICTURE)
    new = under(build, Policy("v2", Verdict("blocked")), decoder)
    assert reprocess(new) == Rejudged(found=1, blocked=1)
    assert stand(new, upload["upload_id"])[1:3] == ("v2", True)
    new.work()
    final = {key for key in new.objects() if not key.startswith("incoming/")}
    assert final
    assert all(key.startswith("evidence/") for key in final)
    (told,) = new.emitted(MediaStandingChanged)
    assert told["removed"] is True
    assert new.emitted(MediaQuarantined) == []


def test_a_minor_opens_an_incident(build: Build, decoder: PlainDecoder) -> None:
    old = under(build, Policy("v1"), decoder)
    upload = old.upload(uuid7(), PICTURE)
    new = under(build, Policy("v2", Verdict("soft", minor=True)), decoder)
    assert reprocess(new).blocked == 1
    (told,) = new.emitted(MediaQuarantined)
    assert (told["upload_id"], told["reason"]) == (upload["upload_id"], "minor_suspicion")


def test_a_hash_match_stops_the_owner_s_uploads(build: Build, decoder: PlainDecoder) -> None:
    old = under(build, Policy("v1"), decoder)
    me = uuid7()
    old.upload(me, PICTURE)
    new = build(lambda ports: replace(ports, classifier=Policy("v2"), decoder=decoder, hash_list=Listed()))
    assert reprocess(new).blocked == 1
    (told,) = new.emitted(MediaQuarantined)
    assert told["reason"] == "hash_match"
    assert new.row("SELECT user_id FROM upload_stops") == (me,)


def test_an_outage_keeps_what_was_done_and_the_next_run_does_the_rest(build: Build, decoder: PlainDecoder) -> None:
    old = under(build, Policy("v1"), decoder)
    uploads = [old.upload(uuid7(), PICTURE + bytes([n]))["upload_id"] for n in range(3)]
    policy = Policy("v2", Verdict("soft"), CheckUnavailable("away"))
    new = under(build, policy, decoder)
    with pytest.raises(Unavailable):
        reprocess(new)
    assert [stand(new, one)[1] for one in uploads] == ["v2", "v1", "v1"]
    assert reprocess(new) == Rejudged(found=2, unchanged=2)


def test_what_cannot_be_read_is_counted_and_stops_nothing(build: Build, decoder: PlainDecoder) -> None:
    old = under(build, Policy("v1"), decoder)
    lost, good = (old.upload(uuid7(), PICTURE + bytes([n])) for n in range(2))
    old.ports.store.remove([lost["media"]["key"]])
    new = under(build, Policy("v2"), decoder)
    assert reprocess(new) == Rejudged(found=2, unreadable=1, unchanged=1)
    assert stand(new, good["upload_id"])[1] == "v2"


def test_what_is_held_or_gone_is_not_judged(build: Build, decoder: PlainDecoder) -> None:
    old = under(build, Policy("v1"), decoder)
    held, gone = (UUID(old.upload(uuid7(), PICTURE + bytes([n]))["upload_id"]) for n in range(2))
    old.service.usecases.takedowns.hold(held, "test")
    old.service.usecases.takedowns.remove(gone, "test")
    old.work()
    assert reprocess(under(build, Policy("v2"), decoder)) == Rejudged()


def test_real_pictures_and_videos_are_decoded_again_for_it(build: Build) -> None:
    old = under(build, Policy("v1"))
    picture = old.upload(uuid7(), samples.plain_jpeg(samples.scene(640, 480)))
    clip = old.upload(uuid7(), samples.mp4(), kind="video", content_type="video/mp4")
    assert (picture["status"], clip["status"]) == ("completed", "completed")
    policy = Policy("v2", Verdict("soft"))
    new = under(build, policy)
    assert reprocess(new) == Rejudged(found=2, changed=1, unchanged=1)
    assert len(policy.asked) > 2
    assert stand(new, picture["upload_id"])[:2] == ("soft", "v2")
