"""Media on ten processes with a real RabbitMQ, as containers run them: the same journeys once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from chassis.testing import eventually
from deploy.client import Client, StreamEvent
from deploy.processes import Processes
from tests.corpus import samples
from tests.platform.media_kit import assert_decodes, keys_of, plain
from tests.platform.test_first_conversation import mara, messages
from tests.stubs.classifier import COLOURS, ClassifierServer
from tests.stubs.model_server import ModelServer, streamed

PASSWORD = "correct horse battery staple"


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def processes(tmp_path: Path, database_url: str, amqp_url: str, model: ModelServer) -> Iterator[Processes]:
    with ClassifierServer() as classifier:
        env = {"DUET_BOT_CHECK": "off", "RATE_LIMIT_FACTOR": "0", "LOG_LEVEL": "warning", "DEMO_MEDIA": "off"}
        env |= model.environment("PRIMARY") | classifier.environment()
        platform = Processes(tmp_path / "logs", database_url=database_url, bus_url=amqp_url, env=env)
        try:
            platform.start_all()
            yield platform
        finally:
            platform.stop_all()


def newcomer(platform: Processes, name: str) -> Client:
    client = Client(platform.url, timeout=60.0, proves_work=False)
    client.http.headers["Connection"] = "close"  # idle ones are closed after a second, perhaps under a request
    return client.register(f"{name}@example.org", PASSWORD)


def test_media_goes_the_whole_way_over_http_and_rabbitmq(processes: Processes, model: ModelServer) -> None:
    someone = newcomer(processes, "somebody")
    admin = newcomer(processes, "admin")
    processes.command("create-admin", "admin@example.org")
    body = {"name": "Mara", "age": 29, "bio": "A photographer.", "persona_prompt": "You are Mara."}
    companion = admin.call("POST", "/v1/admin/companions", body)["id"]
    asset = {"text": "Me at the beach", "tags": ["beach"]}
    add_asset(admin, companion, asset)
    eventually(
        lambda: someone.call("GET", f"/v1/companions/{companion}")["counts"]["assets"], until=lambda count: count == 2
    )
    conversation = mara(someone)["id"]
    stream = someone.stream()
    stream.until(lambda event: event.name == "ready")
    for content_type, data in {"image/jpeg": samples.jpeg(900, 600), "video/webm": samples.webm(2.0)}.items():
        upload = someone.upload(data, content_type, conversation)
        assert upload["status"] == "completed", upload
        seen = stream.until(partial(is_end, upload["upload_id"]))
        assert seen[-1].data["media"] == upload["media"]
        model.otherwise = streamed('{"type":"image","text":"","tags":["beach"]}')
        sent = someone.send_media(conversation, upload, "Look", someone.permit()["permit_id"])
        seen = stream.until(lambda event: event.name == "message.created" and event.data["sender"] == "ai")
        reply = seen[-1].data
        assert (reply["kind"], reply["text"], reply["reply_to"]) == ("image", "Me at the beach", [sent["id"]])
        keys = [*keys_of(upload["media"]), *keys_of(reply["media"])]
        signed = someone.sign(keys)
        assert signed["denied"] == []
        for url in signed["urls"].values():
            assert someone.look(url).status_code == 200
        full = someone.look(signed["urls"][upload["media"]["key"]])
        assert_decodes(full.content, upload["media"])
        assert samples.CANARY not in full.content
        assert someone.look(signed["urls"][upload["media"]["key"]], Range="bytes=5-9").content == full.content[5:10]
    stream.close()
    assert mara(someone)["free_remaining"]["media"] == 0
    blocked = someone.upload(plain(COLOURS["blocked"]), "image/jpeg", conversation)
    assert (blocked["status"], blocked["blocked_reason"]) == ("blocked", "policy-violation")
    large = admin.announce(companion_media(companion, "video/mp4", 50 * 1024 * 1024))
    answer = admin.put(large, bytes(50 * 1024 * 1024))
    assert answer.status_code == 200, answer.text
    assert admin.processed(large["upload_id"])["error"]["code"] == "type-mismatch"
    held = upload["media"]["key"]
    url = someone.sign([held])["urls"][held]
    processes.command("media", "takedown", upload["upload_id"], service="media-svc")
    eventually(lambda: someone.look(url).status_code, until=lambda status: status == 403, within=60)
    eventually(lambda: [m for m in messages(someone, conversation) if m["media_removed"]], within=60)
    children = psutil.Process(processes.pid("worker:media-svc")).children(recursive=True)
    assert children
    processes.kill("worker:media-svc")
    psutil.wait_procs(children, timeout=30)
    assert not any(one.is_running() for one in children)
    processes.start("worker:media-svc")
    assert someone.upload(samples.png(300, 200), "image/png", conversation)["status"] == "completed"


def companion_media(companion: str, content_type: str, size: int) -> dict[str, Any]:
    """The announcement of a file for a companion."""
    kind = content_type.partition("/")[0]
    return {
        "purpose": "companion_media", "companion_id": companion, "kind": kind, "content_type": content_type,
        "size": size,
    }  # fmt: skip


def add_asset(admin: Client, companion: str, fields: dict[str, Any]) -> None:
    """Two assets with the same description, as no reply repeats one while others remain."""
    for number in range(2):
        data = samples.jpeg(400, 300, seed=number)
        announced = admin.announce(companion_media(companion, "image/jpeg", len(data)))
        assert admin.put(announced, data).status_code == 200
        upload = admin.processed(announced["upload_id"])
        assert upload["status"] == "completed", upload
        path = f"/v1/admin/companions/{companion}/media?surface=asset"
        admin.call("POST", path, {"upload_id": upload["upload_id"], **fields})


def is_end(upload_id: str, event: StreamEvent) -> bool:
    """Whether the processing of that upload has ended."""
    return event.name == "upload.updated" and (event.data["upload_id"], event.data["status"]) == (
        upload_id,
        "completed",
    )
