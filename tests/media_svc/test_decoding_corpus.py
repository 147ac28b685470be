"""Hundreds of hostile and broken files: each ends as decoded or rejected, and nothing dies or calls anybody."""

import collections
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_svc.adapters.decoding import SandboxedDecoder
from media_svc.domain.limits import MAX_FRAMES_PER_SECOND, MAX_PIXELS, MAX_SIDE, MEGABYTE, VIDEO_LIMIT_MS
from media_svc.ports import DecodeLimits, Rejected
from tests.corpus.hostile import corpus

LIMITS = DecodeLimits(50 * MEGABYTE, VIDEO_LIMIT_MS, MAX_PIXELS, MAX_SIDE, MAX_FRAMES_PER_SECOND)
CAP = 512 * MEGABYTE


class Canary:
    """A server on this machine that nobody is to call."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.calls = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _address = self._socket.accept()
            except TimeoutError:
                continue
            self.calls += 1
            connection.close()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    server = Canary()
    yield server
    server.close()


def test_no_hostile_file_crashes_hangs_calls_out_or_takes_too_much_memory(
    canary: Canary, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decoder = SandboxedDecoder(timeout_s=120, cpu_s=60, memory_bytes=CAP)
    outcomes: collections.Counter[str] = collections.Counter()
    wrong: list[str] = []
    slowest, files, began = (0.0, ""), corpus(canary.url), time.monotonic()
    for number, hostile in enumerate(files):
        source, target = tmp_path / f"{number}.file", tmp_path / f"{number}"
        source.write_bytes(hostile.data)
        target.mkdir()
        started = time.monotonic()
        try:
            decoded = decoder.decode(
                source, kind=hostile.kind, content_type=hostile.content_type, limits=LIMITS, target=target
            )
        except Rejected as rejected:
            outcome = rejected.code
            if any(target.iterdir()):
                wrong.append(f"{hostile.name} left files behind")
        else:
            outcome = "decoded"
            if decoded.peak_memory_bytes > CAP:
                wrong.append(f"{hostile.name} took {decoded.peak_memory_bytes} bytes")
        outcomes[outcome] += 1
        if hostile.code not in (None, outcome):
            wrong.append(f"{hostile.name}: {outcome} instead of {hostile.code}")
        slowest = max(slowest, (time.monotonic() - started, hostile.name))
    decoder.close()
    with capsys.disabled():
        print(
            f"\nhostile corpus: {len(files)} files in {time.monotonic() - began:.0f} s; {dict(outcomes)}; "
            f"{canary.calls} outgoing connections; peak memory of a child {decoder.highest_peak_bytes / MEGABYTE:.0f} "
            f"of {CAP // MEGABYTE} MB; slowest {slowest[1]} {slowest[0]:.1f} s; {decoder.crashes} crashed children"
        )
    assert wrong == []
    assert len(files) >= 200
    assert (outcomes["timeout"], decoder.crashes) == (0, 0)
    assert decoder.highest_peak_bytes < CAP
    assert canary.calls == 0
