"""A tree of files named by object keys, in which no symbolic link is followed and no file is seen half-written."""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PARTIAL = ".partial"
"""The folder of files that are being written; no key has such a name."""
STALE_S = 24 * 3600
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Tree:
    """Files below `root`, which is made when the first one is written. Callers pass keys they have checked."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, key: str, *, writing: bool = False) -> IO[bytes] | None:
        """The file at a key, or None where there is no regular file."""
        try:
            with self._parent(key) as (directory, name):
                descriptor = os.open(name, _FILE | (os.O_RDWR if writing else os.O_RDONLY), dir_fd=directory)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return None
        return os.fdopen(descriptor, "r+b" if writing else "rb")

    @contextmanager
    def new_file(self) -> Iterator[tuple[str, IO[bytes]]]:
        """A fresh file, and the name by which `create` or `replace` give it its key; gone at the end if none did."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._root / PARTIAL
        partial.mkdir(mode=0o700, exist_ok=True)
        self._drop_stale(partial)
        path = partial / secrets.token_hex(16)
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o600), "wb") as file:
                yield str(path), file
        finally:
            path.unlink(missing_ok=True)

    def probe(self) -> None:
        """Raises OSError where no file can be made; where nothing was written yet, the folder is not made for it."""
        if os.path.lexists(self._root):
            with self.new_file():
                return
        there = next(folder for folder in self._root.parents if folder.exists())
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            raise PermissionError(f"{self._root} can't be made")

    def create(self, path: str, key: str) -> None:
        """Give a new file its key. Raises FileExistsError where the key is taken, also at this very moment."""
        with self._parent(key, make=True) as (directory, name):
            os.link(path, name, dst_dir_fd=directory, follow_symlinks=False)
            os.fsync(directory)

    def replace(self, path: str, key: str) -> None:
        """Give a new file its key, whatever lies there."""
        with self._parent(key, make=True) as (directory, name):
            os.replace(path, name, dst_dir_fd=directory)
            os.fsync(directory)

    def rename(self, source: str, target: str) -> None:
        """Raises FileNotFoundError where nothing lies at `source`."""
        with self._parent(source) as (source_directory, source_name):
            os.stat(source_name, dir_fd=source_directory, follow_symlinks=False)
            with self._parent(target, make=True) as (directory, name):
                os.replace(source_name, name, src_dir_fd=source_directory, dst_dir_fd=directory)
                os.fsync(directory)

    def unlink(self, key: str) -> None:
        """Remove a file; none is no fault."""
        try:
            with self._parent(key) as (directory, name):
                os.unlink(name, dir_fd=directory)
        except FileNotFoundError:
            return

    def keys(self, prefix: str) -> Iterator[str]:
        """The paths of all regular files that begin with `prefix`, in the order of their bytes."""
        if self._root.is_dir():
            yield from self._walk("", prefix)
        elif os.path.lexists(self._root):
            raise NotADirectoryError(str(self._root))

    def _walk(self, folder: str, prefix: str) -> Iterator[str]:
        try:
            with self._directory(folder.split("/")[:-1]) as descriptor, os.scandir(descriptor) as entries:
                found = sorted(
                    entry.name + ("/" if entry.is_dir(follow_symlinks=False) else "")
                    for entry in entries
                    if entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False)
                )
        except FileNotFoundError:
            return
        for name in found:
            path = folder + name
            if not (path.startswith(prefix) or prefix.startswith(path)) or path == f"{PARTIAL}/":
                continue
            if path.endswith("/"):
                yield from self._walk(path, prefix)
            elif path.startswith(prefix):
                yield path

    @contextmanager
    def _parent(self, key: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        *folders, name = key.split("/")
        with self._directory(folders, make=make) as directory:
            yield directory, name

    @contextmanager
    def _directory(self, folders: list[str], *, make: bool = False) -> Iterator[int]:
        directory = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for folder in folders:
                if make:
                    _make(folder, directory)
                inner = os.open(folder, _DIRECTORY, dir_fd=directory)
                os.close(directory)
                directory = inner
            yield directory
        finally:
            os.close(directory)

    def _drop_stale(self, partial: Path) -> None:
        """What a killed process was writing."""
        for entry in os.scandir(partial):
            try:
                if entry.stat(follow_symlinks=False).st_mtime < time.time() - STALE_S:
                    os.unlink(entry.path)
            except FileNotFoundError:
                continue


def _make(folder: str, parent: int) -> None:
    try:
        os.mkdir(folder, 0o700, dir_fd=parent)
    except FileExistsError:
        return
    os.fsync(parent)
