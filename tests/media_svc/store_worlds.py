"""The two object stores as clients and media-svc meet them: the folder behind a real HTTP server, and S3 as Swift."""

from __future__ import annotations

import contextlib
import http.client
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chassis.auth import ANONYMOUS, GATEWAY, HEADER
from deploy.http_server import HttpServer
from deploy.ports import free_port
from media_svc.adapters.store_local import LocalStore
from media_svc.adapters.store_s3 import S3Store
from media_svc.config import StoreConfig
from media_svc.ports import ObjectStore, PresignedPut
from tests.media_svc.media_stand_ins import Media
from tests.stubs.swift import Swift


@dataclass
class StoreWorld:
    """A store, one of its kind that can't be reached, and the address that presigned paths belong to."""

    name: str
    store: ObjectStore
    away: ObjectStore
    base: str
    headers: Mapping[str, str]

    def put(self, presigned: PresignedPut, body: bytes, *, url: str = "", **changed: str | None) -> int:
        """A client's PUT; `changed` headers by name with underscores, None leaves one out. The status."""
        headers = {**presigned.headers, "Content-Length": str(len(body))}
        for name, value in changed.items():
            headers[name.replace("_", "-").title()] = value or ""
        kept = {name: value for name, value in headers.items() if value}
        connection, path = self._connect(url or presigned.url)
        try:
            connection.putrequest("PUT", path)
            for name, value in {**kept, **self.headers}.items():
                connection.putheader(name, value)
            connection.endheaders()
            # What is refused before all of it was sent has its answer ready to be read.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(body)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def begin_put(self, presigned: PresignedPut, length: int, some: bytes) -> socket.socket:
        """A PUT of which only `some` bytes are sent so far."""
        connection, path = self._connect(presigned.url)
        connection.putrequest("PUT", path)
        for name, value in {**presigned.headers, "Content-Length": str(length), **self.headers}.items():
            connection.putheader(name, value)
        connection.endheaders(some)
        sock: socket.socket = connection.sock
        return sock

    def _connect(self, url: str) -> tuple[http.client.HTTPConnection, str]:
        parts = urlsplit(url if "://" in url else self.base + url)
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        return connection, f"{parts.path}?{parts.query}"


def local_world(media: Media, server: HttpServer, port: int, tmp_path: Path) -> StoreWorld:
    """The folder store of a running media-svc; `server` serves its app."""
    token = media.keys.signer(GATEWAY).token("media-svc", subject=ANONYMOUS, role=ANONYMOUS)
    blocked = tmp_path / "no-folder"
    blocked.write_text("a file where the folder should be")
    away = LocalStore(blocked, "secret")
    return StoreWorld("local", media.ports.store, away, f"http://127.0.0.1:{port}", {HEADER: token})


def swift_config(swift: Swift, bucket: str) -> StoreConfig:
    """The settings of a bucket on Swift."""
    return StoreConfig(Path("/"), bucket, "us-east-1", swift.endpoint, swift.access_key, swift.secret_key)


def swift_world(swift: Swift) -> StoreWorld:
    """A fresh bucket on a real S3 server."""
    bucket = f"media-{uuid.uuid4().hex}"
    store = S3Store(swift_config(swift, bucket), "http://duet.test")
    store.set_up()
    nobody = Swift(f"http://127.0.0.1:{free_port()}")
    return StoreWorld("swift", store, S3Store(swift_config(nobody, bucket), "http://duet.test"), swift.endpoint, {})
