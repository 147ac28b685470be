"""Large bodies through gunicorn into the folder store: little memory, and nothing of a client that stops half-way."""

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from chassis.ids import uuid7
from chassis.testing import eventually
from media_svc.adapters.store_local import LocalStore
from media_svc.domain.keys import incoming_key
from media_svc.ports import PresignedPut

MEGABYTE = 1_048_576
SIZE = 50 * MEGABYTE


@pytest.fixture(scope="module")
def media(contain: Callable[..., Any]) -> Any:
    return contain("media-svc", MEDIA_CLASSIFIER="nudenet")


def folder_of(media: Any) -> Path:
    return Path(media.processes.environment("media-svc")["MEDIA_FOLDER"])


def presigned(media: Any) -> tuple[str, PresignedPut]:
    """What any process of the platform would hand out, from the secret that they share."""
    environment = media.processes.environment("media-svc")
    key = incoming_key(uuid7())
    store = LocalStore(folder_of(media), environment["SECRET_KEY"])
    return key, store.presign_put(key, content_type="video/mp4", size=SIZE, seconds=300)


def begin(media: Any, signed: PresignedPut) -> socket.socket:
    parts = urlsplit(media.url)
    client = socket.create_connection((parts.hostname, parts.port), timeout=60)
    headers = {
        **signed.headers, **media.token("anonymous", "anonymous"), "Host": "media", "Content-Length": str(SIZE),
        "Connection": "close",
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    client.sendall(f"PUT {signed.url} HTTP/1.1\r\n{head}\r\n".encode())
    return client


def peaks(media: Any) -> dict[int, int]:
    """The most memory that each web process has used so far, by its pid."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        if "gunicorn" in " ".join(process.cmdline()):
            status = Path(f"/proc/{process.pid}/status").read_text()
            found[process.pid] = int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024
    return found


def files(media: Any) -> list[str]:
    folder = folder_of(media)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_50_megabytes_come_in_through_gunicorn_in_little_memory(media: Any) -> None:
    before = peaks(media)
    assert before
    key, signed = presigned(media)
    with begin(media, signed) as client:
        for _ in range(50):
            client.sendall(b"x" * MEGABYTE)
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    grown = max(peak - before[pid] for pid, peak in peaks(media).items())
    print(f"50 MB through gunicorn: {grown / MEGABYTE:.1f} MB more memory at most")
    assert grown < 20 * MEGABYTE
    assert files(media) == [key]


def test_a_client_that_stops_half_way_leaves_nothing(media: Any) -> None:
    before = files(media)
    key, signed = presigned(media)
    with begin(media, signed) as client:
        client.sendall(b"x" * (SIZE // 2))
        eventually(lambda: files(media) != before)
    eventually(lambda: files(media) == before)
    assert key not in files(media)
