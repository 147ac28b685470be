"""Who may sign what: every kind of key by every kind of caller (MEDIA-6, guarantees 19 and 25)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from chassis.contracts.ai import CompanionChanged
from chassis.ids import uuid7
from chassis.testing import Caller
from media_svc.domain.keys import evidence_key, incoming_key
from tests.media_svc.companion_media_kit import Made, Shelf
from tests.media_svc.media_stand_ins import Media

VISITOR, OWNER, PARTNER, FREE, PREMIUM, MODERATOR, ADMIN = WHO = (
    "visitor", "owner", "partner", "free", "premium", "moderator", "admin",
)  # fmt: skip
"""A visitor; whose uploads it is about; who has conversations with the companions; others."""
NOBODY: frozenset[str] = frozenset()
ALL = frozenset(WHO)
SIGNED_IN = ALL - {VISITOR}
ORIGINALS = ("full", "rendition", "poster")


@dataclass
class World:
    """Keys by what they are of, and the callers."""

    media: Media
    shelf: Shelf
    ids: dict[str, UUID] = field(default_factory=lambda: {name: uuid7() for name in WHO})
    made: dict[str, Made] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)

    def caller(self, who: str) -> Caller:
        if who == VISITOR:
            return self.media.anonymous()
        return self.media.user(self.ids[who], who if who in (MODERATOR, ADMIN) else "user")

    def keys(self) -> dict[str, str]:
        """All keys by name."""
        named = {f"{name}: {role}": key for name, made in self.made.items() for role, key in made.keys.items()}
        return {**named, **self.others}


@contextmanager
def companion(shelf: Shelf, companion_id: UUID) -> Iterator[None]:
    """What is made inside is of this companion."""
    before, shelf.companion_id = shelf.companion_id, companion_id
    yield
    shelf.companion_id = before


@pytest.fixture
def world(media: Media, shelf: Shelf) -> World:
    world = World(media, shelf)
    owner, partner, somebody = world.ids[OWNER], world.ids[PARTNER], uuid7()
    media.quota.premium.add(str(world.ids[PREMIUM]))
    mine, theirs = media.chat.open(owner), media.chat.open(partner)
    sent = {"used_by": uuid7(), "message_id": uuid7()}
    failed = {"media": None, "sha256_full": None}
    put = shelf.completed
    world.made |= {
        "chat, not sent": put("chat", owner, conversation_id=mine, kind="video"),
        "chat, sent": put("chat", owner, conversation_id=mine, **sent),
        "chat, sent by another into the partner's": put("chat", somebody, conversation_id=theirs, **sent),
        "chat, not sent by another into the partner's": put("chat", somebody, conversation_id=theirs),
        "chat, held": put("chat", owner, conversation_id=mine, held=True, **sent),
        "chat, removed": put("chat", owner, conversation_id=mine, removed_at="now"),
        "chat, processing": put("chat", owner, conversation_id=mine, status="processing", **failed),
        "chat, blocked": put("chat", owner, conversation_id=mine, status="blocked", nsfw_flag="blocked", **failed),
        "avatar, used": put("avatar", owner, used_by=uuid7()),
        "avatar, unused": put("avatar", owner),
        "profile of an active one": put("companion_profile", used_by=uuid7()),
        "background of an active one": put("companion_background", used_by=uuid7()),
        "profile, unused": put("companion_profile"),
        "media on no surface": put("companion_media"),
    }
    for name, surface, more in (
        ("gallery", "gallery", {}), ("premium-only", "gallery", {"premium_only": True}), ("post", "post", {}),
        ("gallery, unpublished", "gallery", {"published": False}), ("post, unpublished", "post", {"published": False}),
        ("asset, not sent", "asset", {"tags": ["night"]}), ("asset, sent", "asset", {"tags": ["beach"]}),
        ("mature asset", "asset", {"tags": ["night"], "mature": True}), ("gallery, held", "gallery", {}),
        ("gallery, removed", "gallery", {}),
    ):  # fmt: skip
        world.made[name] = put("companion_media", kind="video")
        item = shelf.add(surface, world.made[name], **more)
        if name == "gallery, removed":
            shelf.admin("DELETE", f"/v1/admin/companion-media/{item['id']}")
    media.service.usecases.takedowns.hold(world.made["gallery, held"].upload_id, "report")
    picked = shelf.pick(uuid7(), theirs, partner, "beach", kind="video")
    assert picked["upload_id"] == str(world.made["asset, sent"].upload_id)
    shelf.admin("PATCH", f"/v1/admin/companion-media/{picked['asset_id']}", {"published": False})

    retired = media.ai.add()
    with companion(shelf, retired):
        world.made["gallery of an inactive one"] = put("companion_media")
        shelf.add("gallery", world.made["gallery of an inactive one"])
        world.made["profile of an inactive one"] = put("companion_profile", used_by=uuid7())
        world.made["background of an inactive one"] = put("companion_background", used_by=uuid7())
    media.chat.open(partner, retired)
    media.deliver(CompanionChanged(retired, 5, "Old", None, is_active=False, engine="offline"))

    evidence = evidence_key(world.made["chat, sent"].keys["full"])
    media.execute(
        "INSERT INTO objects (key, upload_id, role, content_type, size, sha256, evidence)"
        " VALUES (%s, %s, 'original', 'x/y', 1, '', true)",
        evidence, world.made["chat, sent"].upload_id,
    )  # fmt: skip
    full = world.made["chat, sent"].keys["full"]
    world.others |= {
        "evidence": evidence,
        "incoming": incoming_key(world.made["chat, sent"].upload_id),
        "beside": full.replace("full.jpg", "other.jpg"),
    }
    return world


EXPECTED: dict[str, frozenset[str]] = {
    "chat, not sent": frozenset({OWNER}),
    "chat, sent": frozenset({OWNER}),
    "chat, sent by another into the partner's": frozenset({PARTNER}),
    "chat, not sent by another into the partner's": NOBODY,
    "chat, held": NOBODY,
    "chat, removed": NOBODY,
    "chat, processing": NOBODY,
    "chat, blocked": NOBODY,
    "avatar, used": SIGNED_IN,
    "avatar, unused": frozenset({OWNER}),
    "profile of an active one": ALL,
    "background of an active one": ALL,
    "profile, unused": frozenset({ADMIN}),
    "profile of an inactive one": frozenset({PARTNER, ADMIN}),
    "background of an inactive one": frozenset({PARTNER, ADMIN}),
    "media on no surface": frozenset({ADMIN}),
    "gallery": SIGNED_IN,
    "premium-only: preview": SIGNED_IN,
    "premium-only: originals": frozenset({PREMIUM, ADMIN}),
    "post": SIGNED_IN,
    "gallery, unpublished": frozenset({ADMIN}),
    "post, unpublished": frozenset({ADMIN}),
    "gallery, held": NOBODY,
    "gallery, removed": NOBODY,
    "gallery of an inactive one": frozenset({ADMIN}),
    "asset, not sent": frozenset({ADMIN}),
    "mature asset": frozenset({ADMIN}),
    "asset, sent": frozenset({PARTNER, ADMIN}),
    "evidence": NOBODY,
    "incoming": NOBODY,
    "beside": NOBODY,
}
"""What may be signed by whom, written by hand; all objects of a medium alike where nothing else is said."""


def expected(name: str) -> frozenset[str]:
    what, _, role = name.partition(": ")
    detailed = f"{what}: {'originals' if role in ORIGINALS else role}"
    return EXPECTED[detailed] if detailed in EXPECTED else EXPECTED[what]


def test_each_caller_signs_exactly_what_the_table_says(world: World) -> None:
    keys = world.keys()
    found: dict[str, set[str]] = {name: set() for name in keys}
    for who in WHO:
        answer = world.caller(who)("POST", "/v1/media/sign", {"keys": list(keys.values())})
        assert answer.status_code == 200
        assert sorted([*answer.json["urls"], *answer.json["denied"]]) == sorted(keys.values())
        for name, key in keys.items():
            if key in answer.json["urls"]:
                found[name].add(who)
    assert found == {name: set(expected(name)) for name in keys}
    assert {name.partition(":")[0] for name in keys} == {name.partition(":")[0] for name in EXPECTED}


def test_neighbours_are_asked_once_for_a_whole_screen(world: World) -> None:
    keys = list(world.keys().values())
    world.media.chat.calls.clear()
    for who in (PARTNER, FREE, PREMIUM):
        world.media.quota.calls.clear()
        world.caller(who)("POST", "/v1/media/sign", {"keys": keys})
        assert world.media.quota.calls == ["/internal/standing"]
    assert world.media.chat.calls == ["/internal/conversations/standing"] * 3
    # What the partner takes part in is remembered for some seconds, but not all of what was asked was hers.
    needed = [world.made[one].keys["full"] for one in ("chat, sent by another into the partner's", "asset, sent")]
    answer = world.caller(PARTNER)("POST", "/v1/media/sign", {"keys": needed})
    assert set(answer.json["urls"]) == set(needed)
    assert len(world.media.chat.calls) == 3


@pytest.mark.parametrize("who", [ADMIN, VISITOR])
def test_nobody_is_asked_about_those_whom_it_does_not_concern(world: World, who: str) -> None:
    world.media.chat.is_down = world.media.quota.is_down = True
    keys = [key for name, key in world.keys().items() if who == VISITOR or not name.startswith("chat")]
    assert world.caller(who)("POST", "/v1/media/sign", {"keys": keys}).status_code == 200


def test_a_neighbour_that_is_away_is_missed_only_where_it_has_to_be_asked(world: World) -> None:
    def status(who: str, *names: str) -> int:
        keys = [world.made[name].keys["full"] for name in names]
        answer = world.caller(who)("POST", "/v1/media/sign", {"keys": keys})
        return int(answer.status_code)

    world.media.chat.is_down = True
    assert status(OWNER, "chat, sent", "avatar, used", "gallery", "premium-only", "asset, sent") == 200
    assert status(OWNER, "chat, sent by another into the partner's") == 503
    assert status(FREE, "gallery", "profile of an inactive one") == 503
    world.media.chat.is_down, world.media.quota.is_down = False, True
    assert status(FREE, "gallery", "profile of an inactive one", "avatar, used") == 200
    assert status(FREE, "gallery", "premium-only") == 503
    preview = [world.made["premium-only"].keys["preview"]]
    assert world.caller(FREE)("POST", "/v1/media/sign", {"keys": preview}).json["denied"] == []
