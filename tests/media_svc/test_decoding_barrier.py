"""The child that decodes can do nothing but compute; and a child that lies, hangs or dies costs one file."""

import errno
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
import pyvips

from media_svc.adapters.decoding import SandboxedDecoder, results
from media_svc.adapters.decoding.sandbox import barrier
from media_svc.adapters.decoding.sandbox.made import MAGIC, Made, Piece, write_made
from media_svc.adapters.decoding.zygotes import Zygote
from media_svc.ports import Rejected
from tests.corpus import samples
from tests.media_svc.decoding_kit import LIMITS, decode

# Runs in an interpreter of its own, which then is behind the barrier for good.
PROBE = """
import ctypes, errno, os, socket, subprocess, sys, threading
sys.path.insert(0, sys.argv[1])
from sandbox import barrier
libc = ctypes.CDLL(None, use_errno=True)
def raw(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)
attempts = {
    "socket": lambda: socket.socket(),
    "unix socket": lambda: socket.socket(socket.AF_UNIX),
    "socket pair": lambda: socket.socketpair(),
    "connect": lambda: raw("connect", 0, None, 0),
    "bind": lambda: raw("bind", 0, None, 0),
    "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "create": lambda: os.open("/tmp/x", os.O_WRONLY | os.O_CREAT),
    "fork": lambda: os.fork(),
    "vfork": lambda: subprocess.Popen(["/bin/true"]),
    "execve": lambda: os.execv("/bin/true", ["true"]),
    "kill": lambda: os.kill(os.getppid(), 0),
    "ptrace": lambda: raw("ptrace", 16, os.getppid(), 0, 0),
    "memory of another": lambda: raw("process_vm_readv", os.getppid(), None, 0, None, 0, 0),
    "list": lambda: os.listdir("/"),
    "unlink": lambda: os.unlink("/tmp/x"),
    "pipe": lambda: os.pipe(),
    "memfd": lambda: os.memfd_create("x"),
    "executable memory": lambda: raw("mprotect", ctypes.c_void_p(page), 4096, 5),
    "undo": lambda: raw("prctl", 4, 1, 0, 0, 0),
}
libc.mmap.restype = ctypes.c_void_p
page = libc.mmap(None, 4096, 3, 0x22, -1, 0)
barrier.close()
told = []
for name, attempt in attempts.items():
    try:
        attempt()
        told.append(name + "=done")
    except OSError as error:
        told.append(name + "=" + errno.errorcode[error.errno])
done = []
thread = threading.Thread(target=lambda: done.append(1)); thread.start(); thread.join()
told.append("thread=" + ("works" if done else "no"))
os.write(1, "\\n".join(told).encode())
"""
SANDBOX = Path(results.__file__).parent


@pytest.fixture
def decoder() -> Iterator[SandboxedDecoder]:
    sandboxed = SandboxedDecoder()
    yield sandboxed
    sandboxed.close()


def test_behind_the_barrier_nothing_can_be_opened_called_or_started() -> None:
    probe = subprocess.run(
        [sys.executable, "-I", "-c", PROBE, str(SANDBOX)], capture_output=True, text=True, check=True, timeout=60
    )
    outcomes = dict(line.split("=") for line in probe.stdout.splitlines())
    assert outcomes.pop("thread") == "works"
    assert len(outcomes) == 19
    assert {name: outcome for name, outcome in outcomes.items() if outcome != "EPERM"} == {}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_kills_calls_of_another_architecture(machine: str) -> None:
    program = list(struct.iter_unpack("HBBI", barrier.filter_program(machine, 1)))
    audit = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    assert program[:3] == [(0x20, 0, 0, 4), (0x15, 1, 0, audit), (0x06, 0, 0, 0x80000000)]
    assert program[-1] == (0x06, 0, 0, 0x00050000 | errno.EPERM)
    targets = [at + 1 + max(then, otherwise) for at, (_op, then, otherwise, _k) in enumerate(program[:-1])]
    assert max(targets) < len(program)


def test_a_zygote_has_no_secret_no_descriptor_and_no_thread(
    decoder: SandboxedDecoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret of the service")
    with socket.create_server(("127.0.0.1", 0)) as ours:
        os.set_inheritable(ours.fileno(), True)
        decode(decoder, tmp_path, samples.jpeg(100, 100), "image/jpeg")
        (zygote,) = zygotes()
        assert "SECRET_KEY" not in zygote.environ()
        assert zygote.num_threads() == 1
        assert zygote.num_fds() == 3
    decoder.close()
    assert not zygote.is_running()


def test_a_file_that_takes_too_much_processor_time_or_too_long_ends_as_timeout(tmp_path: Path) -> None:
    video = samples.mp4(12, 30, (960, 540), audio=False)
    for name, slow in {"processor": {"cpu_s": 1}, "clock": {"timeout_s": 0.7}}.items():
        folder = tmp_path / name
        folder.mkdir()
        decoder = SandboxedDecoder(**slow)
        with pytest.raises(Rejected) as refused:
            decode(decoder, folder, video, "video/mp4")
        decoder.close()
        assert (name, refused.value.code) == (name, "timeout")
        assert [
            child for child in psutil.Process().children(True) if "sandbox.zygote" in " ".join(child.cmdline())
        ] == []


def test_a_file_that_needs_more_memory_than_there_is_is_refused(tmp_path: Path) -> None:
    decoder = SandboxedDecoder(memory_bytes=320 * 1_048_576)
    large = bytes(pyvips.Image.black(7_000, 7_000, bands=3).jpegsave_buffer(Q=60, interlace=True))
    with pytest.raises(Rejected) as refused:
        decode(decoder, tmp_path, large, "image/jpeg")
    assert refused.value.code == "undecodable"
    folder = tmp_path / "next"
    folder.mkdir()
    assert decode(decoder, folder, samples.jpeg(100, 100), "image/jpeg").width == 100
    assert decoder.highest_peak_bytes < 320 * 1_048_576
    decoder.close()


def zygotes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "sandbox.zygote" in " ".join(child.cmdline())]


def test_a_child_that_dies_gets_a_second_try_and_then_the_file_is_undecodable(
    decoder: SandboxedDecoder, tmp_path: Path
) -> None:
    video, ended = samples.mp4(12, 30, (960, 540), audio=False), threading.Event()

    def kill_children() -> None:
        while not ended.wait(0.02):
            for child in [child for zygote in zygotes() for child in zygote.children()]:
                if child.cpu_times().user > 0.3:  # at work, and past the trial of the barrier
                    child.send_signal(signal.SIGSEGV)

    killer = threading.Thread(target=kill_children)
    killer.start()
    try:
        with pytest.raises(Rejected) as refused:
            decode(decoder, tmp_path, video, "video/mp4")
    finally:
        ended.set()
        killer.join()
    assert (refused.value.code, decoder.crashes) == ("undecodable", 2)
    assert list((tmp_path / "made").iterdir()) == []


def test_a_killed_zygote_is_no_fault_of_the_file(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    decode(decoder, tmp_path, samples.jpeg(100, 100), "image/jpeg")
    (zygote,) = zygotes()
    zygote.kill()
    psutil.wait_procs([zygote], timeout=10)
    (tmp_path / "next").mkdir()
    assert decode(decoder, tmp_path / "next", samples.jpeg(100, 100), "image/jpeg").width == 100


def test_many_threads_decode_at_once(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    widths: list[int] = []

    def work(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        widths.append(decode(decoder, folder, samples.jpeg(100 + number, 80), "image/jpeg").width)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(widths) == [100, 101, 102, 103, 104, 105]


def test_a_zygote_ends_with_its_parent(tmp_path: Path) -> None:
    zygote = Zygote()
    process = zygote._process
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=20) == 0
    zygote.close()


def made(**changes: object) -> Made:
    picture = samples.plain_jpeg(samples.scene(32, 32))
    small = bytes(samples.image(samples.scene(32, 32)).webpsave_buffer())
    pieces = [
        Piece("full.jpg", 32, 32, picture),
        Piece("320.webp", 32, 32, small),
        Piece("preview.webp", 32, 32, small),
    ]
    sound = Made(32, 32, None, "L" * 28, pieces, [picture], ["0" * 64])
    for name, value in changes.items():
        setattr(sound, name, value)
    return sound


def told(tmp_path: Path, change: Callable[[bytes], bytes], **changes: object) -> results.Decoded | results.Refusal:
    path, target = tmp_path / "result", tmp_path / "target"
    target.mkdir()
    with path.open("wb") as file:
        write_made(file.fileno(), made(**changes))
    path.write_bytes(change(path.read_bytes()))
    return results.read(path, target, kind="image", limits=LIMITS, peak_bytes=1)


def test_a_sound_result_is_taken(tmp_path: Path) -> None:
    decoded = told(tmp_path, bytes)
    assert isinstance(decoded, results.Decoded)
    assert asdict(decoded)["peak_memory_bytes"] == 1


PAGE = b"<!doctype html>" + bytes(500)
LIES: dict[str, dict[str, object]] = {
    "a page as picture": {"pieces": [Piece("full.jpg", 32, 32, PAGE), *made().pieces[1:]]},
    "a name with a way out": {"pieces": [Piece("../full.jpg", 32, 32, made().pieces[0].data), *made().pieces[1:]]},
    "two full files": {"pieces": [*made().pieces, Piece("full.png", 32, 32, b"\x89PNG\r\n\x1a\n")]},
    "no preview": {"pieces": made().pieces[:2]},
    "too many pixels": {"pieces": [Piece("full.jpg", 99_999, 99_999, made().pieces[0].data), *made().pieces[1:]]},
    "other sides than its file": {"width": 33},
    "a duration of a picture": {"duration_ms": 5},
    "markup as blurhash": {"blurhash": "<script>"},
    "a hash that is none": {"pdq": ["z" * 64]},
    "more hashes than frames": {"pdq": ["0" * 64] * 2},
    "no frames": {"frames": [], "pdq": []},
    "a page as frame": {"frames": [PAGE]},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_child_that_lies_is_not_believed(lie: str, tmp_path: Path) -> None:
    with pytest.raises(results.Garbage):
        told(tmp_path, bytes, **LIES[lie])


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: b"x" + data,
        lambda data: data[: len(MAGIC)] + b"\xff" * 4 + data[len(MAGIC) + 4 :],
        lambda data: MAGIC + struct.pack(">I", 40_000) + b"[" * 40_000,
        lambda data: MAGIC + struct.pack(">I", 4) + b"null",
        lambda data: MAGIC + struct.pack(">I", 19) + json.dumps({"refused": "fine"}).encode(),
    ],
    ids=["nothing", "cut", "longer", "no magic", "head of 4 GB", "deep head", "no object", "unknown refusal"],
)
def test_a_result_that_is_not_whole_is_not_read(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    with pytest.raises(results.Garbage):
        told(tmp_path, change)


def test_the_limits_of_this_process_are_not_those_of_its_children(decoder: SandboxedDecoder, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    decode(decoder, tmp_path, samples.jpeg(100, 100), "image/jpeg")
    assert resource.getrlimit(resource.RLIMIT_AS) == before
