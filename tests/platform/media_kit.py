"""What journeys of media share: a platform with a scripted model and classifier, uploads, and a look at the store."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import psycopg2
import pyvips

from chassis.config import database_dsn
from chassis.testing import eventually
from deploy.client import Client
from deploy.home import attached
from media_svc.adapters.store_local import LocalStore
from tests.corpus import samples
from tests.platform.embedded_host import Host
from tests.platform.test_first_conversation import messages
from tests.stubs.classifier import ClassifierServer
from tests.stubs.model_server import ModelServer, streamed

FILES = {
    "image/jpeg": ("image", samples.jpeg(900, 600, orientation=6)),
    "image/png": ("image", samples.png(700, 500)),
    "image/webp": ("image", samples.webp(640, 480)),
    "video/mp4": ("video", samples.mp4(2.0)),
    "video/webm": ("video", samples.webm(2.0)),
}
"""A real file of each type, with the kind it is uploaded as."""

KNOWN_BAD = samples.jpeg(420, 310, seed=99)
"""A picture that is on the platform's list of known-bad hashes."""


@dataclass
class MediaPlatform:
    """A host and what it asks. Pictures are judged by their colour, `stubs.classifier` says how."""

    host: Host
    model: ModelServer
    classifier: ClassifierServer

    def person(self) -> Client:
        """Somebody who has just registered."""
        return self.host.newcomer()

    def admin(self) -> Client:
        """Somebody who is an admin."""
        client = self.host.newcomer()
        made = self.host.command("create-admin", client.user["email"])
        assert made.returncode == 0, made.stderr
        return client

    def premium(self, client: Client) -> Client:
        """The same person, premium from now on."""
        granted = self.host.command("grant", "premium", client.user["email"], "30")
        assert granted.returncode == 0, granted.stderr
        return client

    def objects(self, upload_id: str) -> dict[str, int]:
        """What lies in the store of an upload: the keys, and how many bytes each."""
        store = LocalStore(self.host.folder / "home" / "media", "nothing is signed here")
        return {one.key: one.size for one in store.list("") if upload_id in one.key}

    def rows(self, service: str, statement: str, *params: object) -> list[tuple[Any, ...]]:
        """What a service's database says."""
        env = attached({"DUET_HOME": str(self.host.folder / "home")}, service)
        dsn = database_dsn(env["DATABASE_URL"], service)
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, params)
            return list(cursor.fetchall())

    def new_companion(self, admin: Client, assets: Sequence[dict[str, Any]] = ()) -> str:
        """A companion of this test's own with these assets; its id. Each asset: `colour`, `text`, `tags`, …"""
        body = {
            "name": f"Test {uuid.uuid4().hex[:8]}",
            "age": 30,
            "bio": "A test.",
            "persona_prompt": "You are a test.",
        }
        companion: str = admin.call("POST", "/v1/admin/companions", body)["id"]
        for asset in assets:
            self.add_medium(admin, companion, "asset", asset)
        return companion

    def add_medium(self, admin: Client, companion: str, surface: str, fields: dict[str, Any]) -> dict[str, Any]:
        """A picture on a surface of a companion, as admins put it there."""
        rest = dict(fields)
        data = rest.pop("data", None) or plain(rest.pop("colour", (90, 140, 90)))
        body = {
            "purpose": "companion_media", "companion_id": companion, "kind": "image", "content_type": "image/jpeg",
            "size": len(data),
        }  # fmt: skip
        announced = admin.announce(body)
        assert admin.put(announced, data).status_code == 200
        upload = admin.processed(announced["upload_id"])
        assert upload["status"] == "completed", upload
        made: dict[str, Any] = admin.call(
            "POST", f"/v1/admin/companions/{companion}/media?surface={surface}",
            {"upload_id": upload["upload_id"], **rest},
        )  # fmt: skip
        return made

    def decide(self, kind: str, tags: Sequence[str] = (), text: str = "") -> None:
        """What the model answers from now on."""
        self.model.otherwise = streamed(json.dumps({"type": kind, "text": text, "tags": list(tags)}))


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (400, 300)) -> bytes:
    """A JPEG of one colour: what it is decides on its verdict."""
    picture = (pyvips.Image.black(*size, bands=3) + list(colour)).cast("uchar").copy(interpretation="srgb")
    return bytes(picture.jpegsave_buffer(Q=95))


def prompts(model: ModelServer) -> str:
    """Everything that the model was told so far."""
    return json.dumps(model.requests)


def say(client: Client, conversation_id: str, text: str) -> dict[str, Any]:
    """Send a text; the reply to it."""
    sent = client.send(conversation_id, text, client.permit()["permit_id"])
    return reply_to(client, conversation_id, sent)


def reply_to(client: Client, conversation_id: str, sent: dict[str, Any]) -> dict[str, Any]:
    """The reply that a message gets."""
    reply: dict[str, Any] = eventually(
        lambda: [
            one
            for one in messages(client, conversation_id, after_seq=sent["seq"])
            if one["reply_to"] and sent["id"] in one["reply_to"]
        ],
        within=60,
    )[0]
    return reply


def keys_of(media: dict[str, Any]) -> list[str]:
    """Every key that a description tells."""
    keys = [media["key"], media["poster_key"], media["preview_key"], *(one["key"] for one in media["renditions"])]
    return [key for key in keys if key is not None]


def assert_decodes(data: bytes, media: dict[str, Any]) -> None:
    """The full file is what its description says."""
    if media["content_type"] == "video/mp4":
        with av.open(io.BytesIO(data)) as container:
            frames = list(container.decode(video=0))
        assert (frames[0].width, frames[0].height) == (media["width"], media["height"])
        assert len(frames) > 10
    else:
        picture = pyvips.Image.new_from_buffer(data, "")
        assert (picture.width, picture.height) == (media["width"], media["height"])


def bomb(side: int = 20_000) -> bytes:
    """A PNG of 400 million black pixels in very few bytes."""
    return bytes(pyvips.Image.black(side, side).pngsave_buffer(compression=9, bitdepth=1))


def peak_memory(host: Host) -> int:
    """The most memory (bytes) that the host's own process has held so far."""
    assert host.process is not None
    status = Path(f"/proc/{host.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024
