"""Keeps one OpenStack Swift with s3api running for all test processes, as long as any of those that use it lives.

Run as `python -P swift_keeper.py FOLDER VENV PORT…`: FOLDER holds `users/` with a file per user named by its pid, and
gets `log`. A user's file holds when that process began. It imports nothing of Duet.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
KINDS = ("account", "container", "object")
LOOK_EVERY_S = 0.5

SWIFT_CONF = """
[swift-hash]
swift_hash_path_prefix = duet
swift_hash_path_suffix = tests
[storage-policy:0]
name = only
default = yes
"""
STORAGE = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
user = {user}
log_level = ERROR
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
PROXY = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
user = {user}
log_level = ERROR
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:cache]
paste.filter_factory = tests.stubs.swift_cache:filter_factory
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_duet_tests = secret-of-the-tests .admin
"""  # noqa: E501 - a pipeline is one line
PLAIN = ("catch_errors", "gatekeeper", "healthcheck", "listing_formats", "bulk", "copy", "slo", "dlo")
PLAIN_TOO = ("versioned_writes", "symlink")


def prepare(folder: Path, venv: Path, ports: list[int]) -> None:
    """Write the configuration and the rings of one device."""
    (folder / "devices" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text(SWIFT_CONF)
    user = psutil.Process().username()
    for kind, port in zip(KINDS, ports, strict=False):
        (folder / f"{kind}-server.conf").write_text(STORAGE.format(kind=kind, port=port, folder=folder, user=user))
        builder = [venv / "bin" / "swift-ring-builder", folder / f"{kind}.builder"]
        for step in (["create", "4", "1", "0"], ["add", f"r1z1-127.0.0.1:{port}/d1", "1"], ["rebalance"]):
            subprocess.run([*builder, *step], check=True, cwd=folder, env=environment(folder, venv))
    filters = "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in (*PLAIN, *PLAIN_TOO))
    (folder / "proxy-server.conf").write_text(PROXY.format(port=ports[3], folder=folder, user=user) + filters)


def environment(folder: Path, venv: Path) -> dict[str, str]:
    """What Swift's programs run with: nothing of ours but the cache."""
    return {"PATH": f"{venv / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOME": str(folder)}


def start(folder: Path, venv: Path) -> list[subprocess.Popen[bytes]]:
    """The four servers."""
    return [
        subprocess.Popen(
            [venv / "bin" / "python", "-W", "ignore", venv / "bin" / f"swift-{kind}-server",
             folder / f"{kind}-server.conf"],
            cwd=folder, env=environment(folder, venv),
        )
        for kind in (*KINDS, "proxy")
    ]  # fmt: skip


def wanted(folder: Path) -> bool:
    """Whether any user lives; forgets those that do not."""
    for file in (folder / "users").iterdir():
        if lives(int(file.name), file.read_text()):
            return True
        file.unlink(missing_ok=True)
    return False


def lives(pid: int, created: str) -> bool:
    """Whether that process is there, and no other one by its number."""
    try:
        process = psutil.Process(pid)
        return repr(process.create_time()) == created and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def main() -> None:
    """Start, wait until nobody needs it, stop, and take everything away under the lock of those who come."""
    folder, venv = Path(sys.argv[1]), Path(sys.argv[2])
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    prepare(folder, venv, [int(port) for port in sys.argv[3:]])
    servers = start(folder, venv)
    while True:
        time.sleep(LOOK_EVERY_S)
        broken = any(server.poll() is not None for server in servers)
        with (folder.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if broken or not wanted(folder):
                for server in servers:
                    server.kill()
                    server.wait()
                shutil.rmtree(folder, ignore_errors=broken)
                return


if __name__ == "__main__":
    main()
