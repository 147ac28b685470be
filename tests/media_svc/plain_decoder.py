"""A decoder that decodes nothing: for tests of what happens around the decoding, at every step and in every order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from media_svc.domain.media import MadeFile
from media_svc.ports import Decoded, DecodeLimits
from tests.corpus import samples

FRAME = samples.plain_jpeg(samples.scene(64, 48))


class PlainDecoder:
    """Gives four small files that hold where they come from. `salt` makes an encoder that repeats itself or not;
    `before` runs first, and may raise."""

    def __init__(self) -> None:
        self.decoded = 0
        self.salt: Callable[[], str] = lambda: ""
        self.before: Callable[[], object] = lambda: None

    def decode(self, source: Path, *, kind: str, content_type: str, limits: DecodeLimits, target: Path) -> Decoded:
        self.decoded += 1
        self.before()
        shade = hashlib.sha256(source.read_bytes()).hexdigest() + self.salt()

        def made(role: str, name: str, content_type: str) -> MadeFile:
            data = f"{name} of {shade}".encode()
            (target / name).write_bytes(data)
            digest = hashlib.sha256(data).hexdigest()
            return MadeFile(role, name, str(target / name), content_type, len(data), digest, 64, 48)  # type: ignore[arg-type]  # one of the roles

        files = [
            made("full", "full.jpg", "image/jpeg"),
            made("rendition", "320.webp", "image/webp"),
            made("rendition", "720.webp", "image/webp"),
            made("preview", "preview.webp", "image/webp"),
        ]
        frame = target / "frame.jpg"
        frame.write_bytes(FRAME)
        return Decoded(64, 48, None, "LEHV6nWB2yk8pyo0adR*.7kCMdnj", files, [frame], ["0" * 64])
