"""A real S3 server for tests: OpenStack Swift with s3api, one for all test processes of this account.

It lives in an environment of its own, made once from requirements/swift.txt and kept between runs below the folder
for temporary files. Swift has no STANDARD_IA, no CORS or public access block over S3, and no create-once that holds
under parallel PUTs; everything else that is signed it enforces.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.ports import free_ports

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements" / "swift.txt"
START_SECONDS = 90.0


class SwiftError(RuntimeError):
    """Swift could not be installed or did not start; says why."""


@dataclass(frozen=True)
class Swift:
    """Where it answers, and who may make buckets."""

    endpoint: str
    access_key: str = "duet:tests"
    secret_key: str = "secret-of-the-tests"

    def environment(self, bucket: str) -> dict[str, str]:
        """The settings of a service that uses it."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_S3_BUCKET": bucket,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }


def shared_swift() -> Swift:
    """The running server, installed and started where it is not. It ends by itself when its last user is gone.

    Raises SwiftError.
    """
    home = _home()
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        venv = _installed(home)
        run = home / "run"
        state = run / "port"
        found = int(state.read_text()) if state.exists() else None
        if found is None or _is_gone(found):
            shutil.rmtree(run, ignore_errors=True)
            (run / "users").mkdir(parents=True)
            found = None
        me = psutil.Process()
        (run / "users" / str(me.pid)).write_text(repr(me.create_time()))
        if found is None:
            found = _start(run, venv)
            state.write_text(str(found))
    return Swift(f"http://127.0.0.1:{found}")


def release() -> None:
    """Use it no longer in this process."""
    (_home() / "run" / "users" / str(os.getpid())).unlink(missing_ok=True)


def _home() -> Path:
    folder = Path(tempfile.gettempdir()) / f"duet-swift-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise SwiftError(f"{folder} belongs to somebody else")
    return folder


def _installed(home: Path) -> Path:
    locked = REQUIREMENTS.read_bytes() + sys.version.encode()
    venv = home / f"venv-{hashlib.sha256(locked).hexdigest()[:16]}"
    if (venv / "complete").exists():
        return venv
    for old in home.glob("venv-*"):
        shutil.rmtree(old)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    for command in ([sys.executable, "-m", "venv", str(venv)], [*pip, "--require-hashes", "-r", str(REQUIREMENTS)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SwiftError(f"OpenStack Swift can't be installed for the tests:\n{done.stdout}{done.stderr}")
    (venv / "complete").touch()
    return venv


def _start(run: Path, venv: Path) -> int:
    ports = free_ports(4)
    _refuse_without_attributes(run)
    program = [sys.executable, "-P", str(Path(__file__).with_name("swift_keeper.py")), str(run), str(venv)]
    # Not by subprocess: it is meant to be there longer than this process.
    keeper = os.posix_spawn(
        program[0], [*program, *map(str, ports)], os.environ, setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(run / "log"), os.O_WRONLY | os.O_CREAT, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while not _answers(ports[3]):
        ended, _status = os.waitpid(keeper, os.WNOHANG)
        if ended or time.monotonic() > deadline:
            told = (run / "log").read_text(errors="replace") if (run / "log").exists() else ""
            raise SwiftError(f"OpenStack Swift did not start:\n{told[-4000:]}")
        time.sleep(0.1)
    return ports[3]


def _refuse_without_attributes(run: Path) -> None:
    try:
        os.setxattr(run, "user.duet", b"probe")
    except OSError as error:
        raise SwiftError(f"{run} has no extended attributes, which Swift needs; set TMPDIR to another one") from error


def _is_gone(port: int) -> bool:
    """Whether nobody listens there. One that is only slow is waited for: others are using it."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS):
            return False
    except ConnectionRefusedError:
        return True


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthcheck", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
