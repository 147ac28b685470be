"""The process that children are forked from: it has loaded the libraries once, and never reads a hostile byte itself.

It takes one request at a time as a line of JSON from its standard input, forks a child that shuts the barrier and
works, and answers with how the child ended. It ends with its input. Loading the libraries costs as much processor
time as most pictures, so a fresh interpreter for each file would be half as fast.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import select
import signal
import socket
import sys
from typing import Any

import pyvips

from . import barrier, pictures, videos
from .made import Refused, write_failed, write_made, write_refused
from .sniffing import sniff

_FAILED = 3
_STANDARD = 3
"""How many descriptors of a child are not the result: 0, 1 and 2 lead nowhere."""
_MOST_DESCRIPTORS = 256


def main() -> None:
    """Tell whether the barrier holds here, then serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pictures.prepare()
    videos.prepare()
    threads = len(os.listdir("/proc/self/task"))
    ready = threads == 1 and barrier.supported() and _barrier_holds()
    _tell({"ready": ready, "threads": threads})
    while ready:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        _tell(_serve(json.loads(line)))


def _tell(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _serve(request: dict[str, Any]) -> dict[str, Any]:
    """Fork a child for one file. When the input ends meanwhile, whoever asked is gone: the child goes too."""
    pid = os.fork()
    if pid == 0:
        _end(lambda: _work(request))
    handle = os.pidfd_open(pid)
    try:
        ended, _, _ = select.select([handle, sys.stdin.fileno()], [], [])
        if handle not in ended:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(handle)
    _pid, status, usage = os.wait4(pid, 0)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    cpu = usage.ru_utime + usage.ru_stime
    return {"exit": code, "signal": killed, "peak_bytes": usage.ru_maxrss * 1024, "cpu_s": round(cpu, 3)}


def _end(work: Any) -> None:
    """Run the child's work and end without any of the zygote's own endings."""
    code = _FAILED
    try:
        code = work()
    finally:
        os._exit(code)


def _work(request: dict[str, Any]) -> int:
    """Everything that a child does with one file. The rest of a failure is told by how it ends."""
    source = os.open(request["source"], os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(source, "rb") as file:
        data = file.read(request["max_bytes"] + 1)
    target = os.open(request["result"], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    target = _only(target)
    barrier.limit(memory_bytes=request["memory_bytes"], cpu_s=request["cpu_s"], file_bytes=request["result_bytes"])
    barrier.close()
    try:
        made = _decode(data, request)
    except Refused as refused:
        write_refused(target, refused.code)
    except (pyvips.Error, MemoryError, *videos.UNREADABLE):
        write_refused(target, "undecodable")
    except Exception as error:  # noqa: BLE001 - what it was goes to the parent, which counts it as a crash
        write_failed(target, error)
        return _FAILED
    else:
        write_made(target, made)
    return 0


def _decode(data: bytes, request: dict[str, Any]) -> Any:
    if len(data) > request["max_bytes"]:
        raise Refused("too-large")
    if sniff(data) != request["content_type"]:
        raise Refused("type-mismatch")
    work = {"image": pictures.decode_picture, "video": videos.decode_video}[request["kind"]]
    return work(data, request["content_type"], request["limits"])


def _only(target: int) -> int:
    """Close every descriptor but `target`, which becomes the fourth, after three that lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(_STANDARD):
        os.dup2(nowhere, standard)
    moved = os.dup2(target, _MOST_DESCRIPTORS)
    os.closerange(_STANDARD, _MOST_DESCRIPTORS)
    os.dup2(moved, _STANDARD)
    os.close(moved)
    return _STANDARD


def _barrier_holds() -> bool:
    """Try it on a child: behind the barrier it can neither open a socket nor a file nor fork."""
    pid = os.fork()
    if pid == 0:
        _end(_try_the_barrier)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _try_the_barrier() -> int:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    barrier.close()
    for attempt in (
        socket.socket,
        os.fork,
        lambda: os.open(os.devnull, os.O_RDONLY),
        lambda: os.kill(os.getppid(), 0),
    ):
        try:
            attempt()
        except OSError as error:
            if error.errno != errno.EPERM:
                return _FAILED
        else:
            return _FAILED
    return 0
