"""The form of signing: odd keys, windows, and URLs that the edge takes (MEDIA-6)."""

import json
from datetime import datetime
from uuid import UUID

import pytest

from chassis.ids import uuid7
from chassis.testing import Harness, problem
from media_svc.domain.viewing import LIFETIME_S, WINDOW_S, Viewer, expiry
from media_svc.usecases.neighbours import Conversations, Quotas
from media_svc.usecases.signing import Signing
from media_svc.usecases.standings import KEEP_S, Standings
from tests.corpus import samples
from tests.media_svc.companion_media_kit import Shelf
from tests.media_svc.media_stand_ins import Media

SIGN = "/v1/media/sign"


def odd_keys(key: str) -> list[str]:
    """Everything that is not exactly a key."""
    folder, _, name = key.rpartition("/")
    return [
        "", "*", "?", "/", ".", "..", "../", f"{folder}/*", f"{folder}/", f"{folder}/../{name}", f"{folder}/./{name}",
        f"{folder}//{name}", f"/{key}", f"{key}/", f" {key}", f"{key} ", f"{key}\n", f"{key}\x00", f"\x00{key}",
        f"{folder}/%2e%2e/{name}", key.replace("/", "%2f"), key.replace(".", "%2e"), key.upper(), f"{key}?x=1",
        f"{key}#x", f"https://cdn.example/{key}", f"evidence/{key}", f"incoming/{folder.rpartition('/')[2]}",
        key.replace("full", "f\u0443ll"), key + "a" * 2048, "a" * 2048, "x" * 100_000, "'; DROP TABLE objects; --",
        key.replace("-", "\u2010", 1), key.replace("jpg", "jp\u0261"), "\u0661" * 36, "null", "[]",
    ]  # fmt: skip


def test_what_is_not_exactly_a_key_is_denied_and_spoils_nothing(media: Media, shelf: Shelf) -> None:
    me = uuid7()
    key = shelf.completed("avatar", me).keys["full"]
    odd = odd_keys(key)
    answer = media.user(me)("POST", SIGN, {"keys": [*odd[:5], key, *odd]})
    assert answer.status_code == 200
    told = json.loads(answer.get_data())
    assert list(told["urls"]) == [key]
    assert told["denied"] == odd


def test_each_key_is_told_once(media: Media, shelf: Shelf) -> None:
    me, foreign = uuid7(), uuid7()
    mine, theirs = shelf.completed("avatar", me).keys, shelf.completed("avatar", foreign).keys
    keys = [theirs["full"], mine["full"], theirs["full"], mine["preview"], mine["full"]]
    answer = media.user(me)("POST", SIGN, {"keys": keys}).json
    assert list(answer["urls"]) == [mine["full"], mine["preview"]]
    assert answer["denied"] == [theirs["full"]]


def test_up_to_200_keys_are_signed_at_once(media: Media, shelf: Shelf) -> None:
    user = media.user(uuid7())
    assert user("POST", SIGN, {"keys": []}).json["urls"] == {}
    assert len(user("POST", SIGN, {"keys": [f"k{n}" for n in range(200)]}).json["denied"]) == 200
    answer = user("POST", SIGN, {"keys": ["same"] * 201})
    assert (answer.status_code, list(problem(answer)["errors"])) == (422, ["keys"])


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ('{"keys": ["a\\u0000b"]}', 200), ('{"keys": ["\\ud800"]}', 400), ('{"keys": [1]}', 422),
        ('{"keys": "a"}', 422),
        ('{"keys": null}', 422), ("{}", 422), ('{"keys": [null]}', 422), ('{"keys": [[]]}', 422),
        ('{"keys": [], "viewer": "x"}', 422), ('{"keys": [], "a\\u0000": 1}', 400), ("[]", 422),
    ],
)  # fmt: skip
def test_bodies_of_another_form_are_refused(media: Media, raw: str, status: int) -> None:
    answer = media.user(uuid7())("POST", SIGN, data=raw, content_type="application/json")
    assert answer.status_code == status, answer.json


def test_urls_stay_the_same_within_a_window_and_end_300_seconds_after_its_start(media: Media, shelf: Shelf) -> None:
    me = uuid7()
    key = shelf.completed("avatar", me).keys["full"]
    basis, companions = media.service.basis, media.service.usecases.companions
    chat, quota = (basis.network.upstream(name, basis.signer) for name in ("chat-svc", "quota-svc"))
    standings = Standings(Conversations(chat), Quotas(quota))
    now = 1_800_000_000.0 - 1_800_000_000 % WINDOW_S

    def at(moment: float) -> tuple[str, datetime]:
        signing = Signing(basis.database, companions, standings, media.ports.signer, clock=lambda: moment)
        signed = signing.sign(Viewer(me), [key])
        return signed.urls[key], signed.expires_at

    first = at(now)
    assert at(now + WINDOW_S - 0.001) == first
    assert first[1].timestamp() == now + LIFETIME_S
    second = at(now + WINDOW_S)
    assert second[0] != first[0]
    assert second[1].timestamp() == now + WINDOW_S + LIFETIME_S


def test_no_url_is_good_for_more_than_five_minutes_nor_for_less_than_two_and_a_half() -> None:
    for moment in (0.0, 149.999, 150.0, 1e9 + 0.5, 1_800_000_149.0):
        assert WINDOW_S < expiry(moment) - moment <= LIFETIME_S


def test_taking_part_is_remembered_for_five_seconds_and_taking_no_part_not_at_all(media: Media) -> None:
    basis, now = media.service.basis, [100.0]
    chat, quota = (basis.network.upstream(name, basis.signer) for name in ("chat-svc", "quota-svc"))
    standings = Standings(Conversations(chat), Quotas(quota), clock=lambda: now[0])
    me, stranger, companion = uuid7(), uuid7(), media.ai.add()

    def mine(user: UUID, *conversations: UUID) -> tuple[frozenset[UUID], frozenset[UUID], int]:
        media.chat.calls.clear()
        return *standings.taking_part(user, set(conversations), {companion}), len(media.chat.calls)

    assert mine(me) == (frozenset(), frozenset(), 1)
    conversation = media.chat.open(me, companion)
    assert mine(me, conversation) == ({conversation}, {companion}, 1)
    assert mine(me, conversation) == ({conversation}, {companion}, 0)
    assert mine(stranger, conversation) == (frozenset(), frozenset(), 1)
    other = uuid7()
    assert mine(me, conversation, other) == ({conversation}, {companion}, 1)
    media.chat.conversations.clear()
    now[0] += KEEP_S - 0.01
    assert mine(me, conversation) == ({conversation}, {companion}, 0)
    now[0] += 0.02
    assert mine(me, conversation) == (frozenset(), frozenset(), 1)


def test_a_signed_url_of_a_real_upload_shows_it_and_an_altered_one_does_not(media: Media) -> None:
    me, visitor = uuid7(), media.anonymous()
    upload = media.upload(me, samples.jpeg(640, 480))
    assert upload["status"] == "completed", upload
    keys = [upload["media"]["key"], *(one["key"] for one in upload["media"]["renditions"])]
    answer = media.user(me)("POST", SIGN, {"keys": keys}).json
    assert answer["denied"] == []
    for key, url in answer["urls"].items():
        seen = visitor("GET", url)
        assert seen.status_code == 200, seen.get_data(as_text=True)
        assert seen.content_type == ("image/jpeg" if key.endswith("jpg") else "image/webp")
        assert seen.get_data() == media.objects()[key]
    full, other = keys[0], keys[1]
    assert visitor("GET", answer["urls"][full].replace(full, other)).status_code == 403
    media.service.usecases.takedowns.hold(upload["upload_id"], "report")
    assert visitor("GET", answer["urls"][full]).status_code == 403
    assert media.user(me)("POST", SIGN, {"keys": keys}).json["denied"] == keys


def test_a_direct_call_is_refused(media: Harness) -> None:
    answer = media.stranger().post(SIGN, data=json.dumps({"keys": []}), content_type="application/json")
    assert answer.status_code == 401
