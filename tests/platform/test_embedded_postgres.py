"""The embedded PostgreSQL starts, keeps its data, has one owner at a time and never outlives it."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from deploy.postgres import EmbeddedPostgres, PostgresError

OWNER = """
import signal, sys, time
from pathlib import Path
from deploy.postgres import EmbeddedPostgres
signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background of a shell it is ignored
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.uri("postgres"), flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: below the one of pytest the socket would not fit."""
    path = Path(tempfile.mkdtemp(prefix="duet-pg-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server of this test alone, not yet started."""
    embedded = EmbeddedPostgres(folder / "postgres")
    yield embedded
    embedded.stop()


def ask(uri: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(uri)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{holds} did not come true within {seconds} s"
        time.sleep(0.05)


def processes_on(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and any(str(folder) in part for part in process.cmdline()):
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def start_owner(folder: Path) -> tuple[subprocess.Popen[str], str]:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    uri = ""
    while not uri.startswith("postgresql:"):  # notes about rights of folders may come first
        uri = owner.stdout.readline().strip()
        assert uri, "the owner ended before its server was up"
    return owner, uri


def test_databases_are_made_once_and_reached_by_url(server: EmbeddedPostgres) -> None:
    server.start()
    server.create_databases(["chat", "with-dash and space", "chat"])
    server.create_databases(["chat"])
    assert ask(server.uri("chat"), "SELECT current_database()") == [("chat",)]
    assert ask(server.uri("with-dash and space"), "SELECT current_database()") == [("with-dash and space",)]


def test_what_was_committed_is_kept_by_a_restart(server: EmbeddedPostgres) -> None:
    server.start()
    ask(server.uri("postgres"), "CREATE TABLE kept AS SELECT 42 AS n")
    server.stop()
    server.start()
    assert ask(server.uri("postgres"), "SELECT n FROM kept") == [(42,)]


def test_what_was_committed_is_kept_by_a_crash(server: EmbeddedPostgres) -> None:
    server.start()
    ask(server.uri("postgres"), "CREATE TABLE kept AS SELECT 42 AS n")
    server.kill()
    with pytest.raises(PostgresError, match="not running"):
        server.uri("postgres")
    server.start()
    assert ask(server.uri("postgres"), "SELECT n FROM kept") == [(42,)]


def test_durability_is_not_traded_for_speed(server: EmbeddedPostgres) -> None:
    server.start()
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert ask(server.uri("postgres"), f"SHOW {setting}") == [("on",)]
    assert ask(server.uri("postgres"), "SHOW max_connections") == [("200",)]


def test_it_says_its_version(server: EmbeddedPostgres) -> None:
    server.start()
    answer = ask(server.uri("postgres"), "SHOW server_version")
    assert server.version() == f"PostgreSQL {answer[0][0]}"


def test_it_does_not_listen_on_the_network(server: EmbeddedPostgres) -> None:
    server.start()
    assert ask(server.uri("postgres"), "SHOW listen_addresses") == [("",)]


def test_two_servers_run_at_once_in_folders_of_their_own(server: EmbeddedPostgres, folder: Path) -> None:
    other = EmbeddedPostgres(folder / "other")
    server.start()
    other.start()
    try:
        ask(server.uri("postgres"), "CREATE TABLE mine (n int)")
        assert ask(other.uri("postgres"), "SELECT to_regclass('mine')") == [(None,)]
    finally:
        other.stop()


def test_a_second_owner_of_one_folder_is_refused(server: EmbeddedPostgres) -> None:
    server.start()
    with pytest.raises(PostgresError, match=f"in use by process {os.getpid()}"):
        EmbeddedPostgres(server.folder).start()
    assert ask(server.uri("postgres"), "SELECT 1") == [(1,)]


def test_who_attaches_uses_the_server_without_owning_it(server: EmbeddedPostgres) -> None:
    server.start()
    attached = EmbeddedPostgres.attach(server.folder)
    assert ask(attached.uri("postgres"), "SELECT 1") == [(1,)]
    attached.stop()
    assert ask(server.uri("postgres"), "SELECT 1") == [(1,)]
    with pytest.raises(PostgresError, match="belongs to another process"):
        attached.start()


def test_attaching_to_nothing_says_what_to_do(folder: Path) -> None:
    with pytest.raises(PostgresError, match="duet run"):
        EmbeddedPostgres.attach(folder / "nothing")


@pytest.mark.parametrize(
    "content",
    [pytest.param(f"{os.getpid()}\n/elsewhere\n", id="a process that is none"), "4194303\n", "rubbish\n", ""],
)
def test_a_pid_file_that_names_no_server_is_overcome(server: EmbeddedPostgres, content: str) -> None:
    server.start()
    ask(server.uri("postgres"), "CREATE TABLE kept AS SELECT 42 AS n")
    pid_file = server.data / "postmaster.pid"
    left = pid_file.read_text().splitlines(keepends=True)[1:]
    server.kill()
    pid_file.write_text(content + "".join(left[content.count("\n") - 1 :] if content[:1].isdigit() else ""))
    (server.data / ".s.PGSQL.5432.lock").write_text(content)
    with pytest.raises(PostgresError):
        server.uri("postgres")
    server.start()
    assert ask(server.uri("postgres"), "SELECT n FROM kept") == [(42,)]


def test_a_server_that_was_killed_hard_starts_again(server: EmbeddedPostgres) -> None:
    server.start()
    ask(server.uri("postgres"), "CREATE TABLE kept AS SELECT 42 AS n")
    pid = int((server.data / "postmaster.pid").read_text().split()[0])
    with ExitStack() as connections:  # whose processes live a moment longer
        for _ in range(10):
            connections.enter_context(closing(psycopg2.connect(server.uri("postgres"))))
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        with pytest.raises(PostgresError, match="not running"):
            server.uri("postgres")
        server.start()
    assert ask(server.uri("postgres"), "SELECT n FROM kept") == [(42,)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_server_outlives_its_owner(folder: Path, how: signal.Signals) -> None:
    owner, uri = start_owner(folder / "postgres")
    with owner:
        ask(uri, "CREATE TABLE kept AS SELECT 42 AS n")
        owner.send_signal(how)
    wait_until(lambda: not processes_on(folder))
    again = EmbeddedPostgres(folder / "postgres")
    again.start()
    try:
        assert ask(again.uri("postgres"), "SELECT n FROM kept") == [(42,)]
    finally:
        again.stop()


def test_a_new_owner_may_follow_a_killed_one_at_once(folder: Path) -> None:
    owner, uri = start_owner(folder / "postgres")
    with owner:
        ask(uri, "CREATE TABLE kept AS SELECT 42 AS n")
        owner.kill()
    again = EmbeddedPostgres(folder / "postgres")
    again.start()
    try:
        assert ask(again.uri("postgres"), "SELECT n FROM kept") == [(42,)]
    finally:
        again.stop()
    wait_until(lambda: not processes_on(folder))


def test_a_path_too_long_for_a_socket_still_works(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("long" * 20) / ("path" * 10))
    server.start()
    try:
        assert ask(server.uri("postgres"), "SELECT 1") == [(1,)]
        assert ask(EmbeddedPostgres.attach(server.folder).uri("postgres"), "SELECT 1") == [(1,)]
    finally:
        server.stop()


def test_a_closed_parent_folder_is_opened_for_passing_only(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres")
    server.start()
    try:
        assert ask(server.uri("postgres"), "SELECT 1") == [(1,)]
        rights = stat.S_IMODE(closed.stat().st_mode)
        assert rights == (0o701 if os.geteuid() == 0 else 0o700)
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    finally:
        server.stop()


def test_an_unfinished_data_folder_is_not_overwritten(server: EmbeddedPostgres) -> None:
    server.data.mkdir(parents=True)
    (server.data / "something").write_text("precious")
    with pytest.raises(PostgresError, match="no complete PostgreSQL data folder"):
        server.start()
    assert (server.data / "something").read_text() == "precious"
