"""The account without rights that PostgreSQL runs under when the platform is started as root."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ACCOUNT = "pgserver"  # the name that the PostgreSQL wheel itself uses


class SystemAccount(NamedTuple):
    """A user of this machine and its main group."""

    uid: int
    gid: int


def unprivileged_account(passed: Iterable[Path], read: Iterable[Path]) -> SystemAccount | None:
    """The account to run PostgreSQL under, able to pass the folders `passed` and to read everything in `read`.

    None unless this process is root. The account is made at the first time. A parent folder it may not pass (a clone in
    `/root` or in a `mktemp -d`) gets the search bit for others, and nothing more: the names in it stay unlisted.
    """
    if os.geteuid() != 0:
        return None
    account = _account()
    programs = list(read)
    opened: list[str] = []
    for end in (*passed, *programs):
        for folder in reversed([end.resolve(), *end.resolve().parents]):
            if not _may_search(folder.stat(), account):
                _add_rights(folder, stat.S_IXOTH)
                opened.append(str(folder))
    for tree in programs:
        if not tree.stat().st_mode & stat.S_IROTH:  # installed under a strict umask
            _let_read(tree)
    if opened:
        print(f"note: PostgreSQL does not run as root, so that these may now be passed (o+x): {' '.join(opened)}")
    return account


def _let_read(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            runs = path.stat().st_mode & stat.S_IXUSR
            _add_rights(path, stat.S_IROTH | (stat.S_IXOTH if runs else 0))


def _add_rights(path: Path, bits: int) -> None:
    path.chmod(stat.S_IMODE(path.stat().st_mode) | bits)


def _account() -> SystemAccount:
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        program = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        if program is None:
            raise RuntimeError(
                f"PostgreSQL refuses to run as root and there is no `useradd` to make the user {ACCOUNT}: "
                "make that user, start as another user, or set DATABASE_URL."
            ) from None
        made = subprocess.run(
            [program, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false", ACCOUNT],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        try:
            entry = pwd.getpwnam(ACCOUNT)  # another start may have made it at the same moment
        except KeyError:
            raise RuntimeError(f"Cannot make the user {ACCOUNT} for PostgreSQL: {made.stderr.strip()}") from None
    return SystemAccount(entry.pw_uid, entry.pw_gid)


def _may_search(status: os.stat_result, account: SystemAccount) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
