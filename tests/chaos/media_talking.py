"""Clients that upload, send media and ask for pictures under faults, and journal what they were told."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import requests

from deploy.client import Refused
from deploy.processes import Processes
from tests.chaos.talking import (
    OUTCOME_WITHIN_S,
    PASSWORD,
    Talker,
    new_client,
    patiently,
)
from tests.platform.media_kit import plain
from tests.stubs.classifier import COLOURS
from tests.stubs.model_server import Handler, streamed

MOST_TEXTS = 8
MOST_UPLOADS = 12
ASSETS = 3
ASKED_FOR = "picture please"
"""A text with these words is answered with a picture, anything else in words."""
BLOCKED = plain(COLOURS["blocked"], (160, 120))
SAFE = [plain(colour, (240, 180)) for colour in ((90, 140, 90), (60, 60, 60), (200, 200, 200), (120, 90, 60))]
ENDED = ("completed", "blocked", "failed")


def as_asked(handler: Handler) -> None:
    """What the companion decides: a picture for who asked for one."""
    said = [one["content"] for one in handler.asked["messages"] if one["role"] == "user"]
    kind = "image" if said and ASKED_FOR in said[-1] else "text"
    streamed(json.dumps({"type": kind, "text": "Here I am." if kind == "text" else "", "tags": ["beach"]}))(handler)


def seed_companion_with_assets(platform: Processes) -> str:
    """An admin makes a companion with pictures that it may send; its id."""
    admin = new_client(platform).register(f"{uuid.uuid4().hex}@example.org", PASSWORD)
    platform.command("create-admin", admin.user["email"])
    body = {"name": "Mara", "age": 29, "bio": "Photographer.", "persona_prompt": "You are Mara."}
    companion: str = admin.call("POST", "/v1/admin/companions", body)["id"]

    def add(number: int) -> None:
        data = plain((80 + 20 * number, 140, 90))
        announced = admin.announce(
            {"purpose": "companion_media", "companion_id": companion, "kind": "image", "content_type": "image/jpeg",
             "size": len(data)}
        )  # fmt: skip
        assert admin.put(announced, data).status_code == 200
        upload = admin.processed(announced["upload_id"])
        assert upload["status"] == "completed", upload
        path = f"/v1/admin/companions/{companion}/media?surface=asset"
        fields = {"upload_id": upload["upload_id"], "text": "Me at the beach", "tags": ["beach"]}
        admin.call("POST", path, fields)

    with ThreadPoolExecutor(ASSETS) as pool:
        list(pool.map(add, range(ASSETS)))
    return companion


@dataclass
class MediaTalker(Talker):
    """Journals, beside the outcomes of its sends, what it uploaded and what it deleted.

    `sent`: client_id → upload_id of all it tried to send; `uploads`: upload_id → how its processing ended.
    """

    premium: bool = False
    sent: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)

    def talk(self, pause: random.Random, texts: int = MOST_TEXTS, *, gives_up: float = 0.0) -> None:
        """Ask for pictures and send some, in any order, until `stop` is set and each was done once."""
        asked = uploaded = 0
        try:
            while not self.stop.is_set() or not asked or not uploaded:
                if uploaded >= MOST_UPLOADS or (asked < texts and pause.random() < 0.4):
                    if asked < texts:
                        words = ASKED_FOR if asked != 1 else "how are you?"
                        self._journal(pause, partial(self._text, words), gives_up)
                        asked += 1
                elif pause.random() < 0.2:
                    self._blocked(pause)
                    uploaded += 1
                else:
                    self._picture(pause, gives_up)
                    uploaded += 1
                time.sleep(pause.uniform(0.1, 1.5))
        except BaseException as error:
            self.failure = error
            raise

    def _text(self, words: str, client_id: str, permit: str) -> dict[str, Any]:
        return self.client.send(self.conversation_id, words, permit, client_id)

    def _media(self, upload: dict[str, Any], client_id: str, permit: str) -> dict[str, Any]:
        return self.client.send_media(self.conversation_id, upload, "look at this", permit, client_id)

    def _picture(self, pause: random.Random, gives_up: float) -> None:
        upload = self._uploaded(pause.choice(SAFE))
        assert upload["status"] == "completed", upload
        deletion = self._delete_meanwhile(upload, pause) if pause.random() < 0.3 else None
        client_id = self._journal(pause, partial(self._media, upload), gives_up, upload["upload_id"])
        if client_id in self.unknown and pause.random() < 0.5:
            # Impatient: the same picture once more, as a message of its own.
            self._journal(pause, partial(self._media, upload), 0.0, upload["upload_id"])
        if deletion is not None:
            deletion.join()

    def _blocked(self, pause: random.Random) -> None:
        upload = self._uploaded(BLOCKED)
        assert (upload["status"], upload["media"]) == ("blocked", None), upload
        client_id = self._journal(pause, partial(self._media, upload), 0.0, upload["upload_id"])
        assert self.refused.get(client_id) == "upload-blocked"

    def _uploaded(self, data: bytes) -> dict[str, Any]:
        until = time.monotonic() + OUTCOME_WITHIN_S
        body = {
            "purpose": "chat", "conversation_id": self.conversation_id, "kind": "image", "content_type": "image/jpeg",
            "size": len(data),
        }  # fmt: skip
        announced = patiently(lambda: self.client.announce(body), until=until)
        patiently(lambda: self._put(announced, data), until=until)
        path = f"/v1/uploads/{announced['upload_id']}"
        upload: dict[str, Any] = patiently(lambda: self.client.call("POST", f"{path}/complete"), until=until)
        while upload["status"] not in ENDED:
            assert time.monotonic() < until, upload
            time.sleep(0.2)
            upload = patiently(lambda: self.client.call("GET", path), until=until)
        self.uploads[upload["upload_id"]] = upload["status"]
        return upload

    def _put(self, announced: dict[str, Any], data: bytes) -> None:
        stored = self.client.put(announced, data)
        if stored.status_code not in (200, 412):  # 412: an answer was lost, the bytes were not
            raise Refused(stored.status_code, {"detail": stored.text[:200]})

    def _delete_meanwhile(self, upload: dict[str, Any], pause: random.Random) -> threading.Thread:
        def delete() -> None:
            path = f"/v1/uploads/{upload['upload_id']}"
            try:
                patiently(lambda: self.client.call("DELETE", path), until=time.monotonic() + OUTCOME_WITHIN_S)
                self.deleted.add(upload["upload_id"])
            except Refused as refusal:
                if refusal.code != "in-use":
                    self.failure = refusal

        thread = threading.Timer(pause.uniform(0.0, 0.8), delete)
        thread.start()
        return thread

    def _journal(
        self, pause: random.Random, send: Callable[[str, str], dict[str, Any]], gives_up: float, upload_id: str = ""
    ) -> str:
        """Send something and write down what came of it; the client_id."""
        client_id = str(uuid.UUID(int=pause.getrandbits(128), version=4))
        self.intended.append(client_id)
        if upload_id:
            self.sent[client_id] = upload_id
        patience = 0.0 if pause.random() < gives_up else OUTCOME_WITHIN_S
        try:
            permit = patiently(self.client.permit, until=time.monotonic() + OUTCOME_WITHIN_S)["permit_id"]
            self.acknowledged[client_id] = self._outcome(send, client_id, permit, time.monotonic() + patience)
        except Refused as refusal:
            if refusal.status < 500:
                self.refused[client_id] = refusal.code
            elif patience:
                raise
            else:
                self.unknown.add(client_id)
        except requests.RequestException:
            if patience:
                raise
            self.unknown.add(client_id)
        return client_id

    def _outcome(
        self, send: Callable[[str, str], dict[str, Any]], client_id: str, permit: str, until: float
    ) -> dict[str, Any]:
        while True:
            try:
                sent: dict[str, Any] = patiently(partial(send, client_id, permit), until=until)
                return sent
            except Refused as refusal:
                if refusal.code != "permit-invalid" or time.monotonic() > until:
                    raise
                permit = patiently(self.client.permit, until=until)["permit_id"]


def new_media_talkers(platform: Processes, count: int) -> list[MediaTalker]:
    """Users with a conversation each; the last one has premium."""

    def make(number: int) -> MediaTalker:
        talker = MediaTalker(new_client(platform), premium=number == count - 1)
        talker.prepare()
        if talker.premium:
            platform.command("grant", "premium", talker.client.user["email"], "30")
        return talker

    return [make(number) for number in range(count)]
