"""The demo media of `duet run`: it comes by itself, is real media, is there once, and leaves no process behind."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import psutil

from chassis.testing import eventually
from deploy.client import Client
from deploy.demo_media.collection import ALBUMS
from tests.platform.embedded_host import Host

ALL_WITHIN_S = 600.0


def counts(client: Client) -> dict[str, dict[str, int]]:
    """How many media each companion shows."""
    return {one["name"]: one["counts"] for one in companions(client)}


def companions(client: Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.call("GET", "/v1/companions")["items"]
    return items


def wanted() -> Mapping[str, Mapping[str, int]]:
    """How many media each companion is to show."""
    surfaces = {"gallery": "gallery", "post": "posts", "asset": "assets"}
    return {
        name: {told: len([one for one in album.media if one.surface == surface]) for surface, told in surfaces.items()}
        for name, album in ALBUMS.items()
    }


def children(host: Host) -> list[psutil.Process]:
    """Every process that the host has started, directly or not."""
    assert host.process is not None
    return psutil.Process(host.process.pid).children(recursive=True)


def of_media(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those of the decoder and the classifier that run at the moment."""
    found = []
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if "media_svc" in " ".join(one.cmdline()):
                found.append(one)
    return found


def is_gone(process: psutil.Process) -> bool:
    """Whether a process has ended, perhaps without anybody having noticed."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_the_companions_get_their_pictures_after_a_kill_and_a_stop_each_once(
    start_host: Callable[..., Host],
) -> None:
    host = start_host(DEMO_MEDIA="on", DUET_BOT_CHECK="off", RATE_LIMIT_FACTOR="0")
    visitor = host.client()
    eventually(lambda: [one["avatar_key"] for one in companions(visitor)], until=any, within=ALL_WITHIN_S)
    working = eventually(lambda: of_media(children(host)))
    host.kill()
    eventually(lambda: all(is_gone(one) for one in working), within=30)
    host.truncate_printed()
    host.start()
    working = eventually(lambda: of_media(children(host)))
    assert host.interrupt() == 0
    assert all(is_gone(one) for one in working)
    host.truncate_printed()
    host.start()
    eventually(lambda: counts(visitor), until=lambda found: found == wanted(), within=ALL_WITHIN_S, every=0.5)
    keys = [key for one in companions(visitor) for key in (one["avatar_key"], one["background_key"])]
    signed = visitor.sign(keys)
    assert (len(signed["urls"]), signed["denied"]) == (10, [])
    assert {visitor.look(url).status_code for url in signed["urls"].values()} == {200}
    someone = host.newcomer()
    for one in companions(visitor):
        gallery = someone.call("GET", f"/v1/companions/{one['id']}/gallery")["items"]
        posts = someone.call("GET", f"/v1/companions/{one['id']}/posts")["items"]
        assert [item["premium_only"] for item in gallery].count(True) == 1
        assert all(item["location"] and item["text"] for item in posts)
        shown = [item["media"] for item in [*gallery, *posts] if not item["premium_only"]]
        assert all(media["nsfw_flag"] == "safe" for media in shown)
        signed = someone.sign([media["key"] for media in shown])
        assert signed["denied"] == []
    host.interrupt()
    host.truncate_printed()
    host.start()
    eventually(
        lambda: "demo_media_shown" in (host.folder / "home" / "duet.log").read_text().rsplit("worker_started", 1)[1]
    )
    assert counts(visitor) == wanted()
    assert (host.folder / "home" / "media").stat().st_mode & 0o777 == 0o700
    host.interrupt()
