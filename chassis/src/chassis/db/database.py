"""One service's database: connections for the length of a block, transactions, and what "away" means."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import peewee
import psycopg2
import psycopg2.errors
import structlog
from psycopg2.extensions import TRANSACTION_STATUS_INERROR, parse_dsn
from psycopg2.extensions import connection as PgConnection

from chassis.db.pool import Pool
from chassis.errors import Unavailable

log = structlog.get_logger("db")

Params = Sequence[object] | Mapping[str, object]
"""What a statement's placeholders stand for: `%s` by position, `%(name)s` by name."""

STATEMENT_TIMEOUT_MS = 10_000
LOCK_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 3
POOL_WAIT_S = 5.0
_WATCH_THE_LINE = {
    "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}  # fmt: skip
"""So that a line that went dead without a word is found out, also by a connection that only listens."""

_UNREACHABLE = (
    psycopg2.errors.QueryCanceled, psycopg2.errors.LockNotAvailable, psycopg2.errors.DiskFull,
    psycopg2.errors.TooManyConnections, psycopg2.errors.AdminShutdown, psycopg2.errors.CrashShutdown,
    psycopg2.errors.CannotConnectNow, psycopg2.errors.DeadlockDetected, psycopg2.errors.SerializationFailure,
    psycopg2.errors.IdleInTransactionSessionTimeout, psycopg2.errors.InsufficientResources,
)  # fmt: skip


def is_unreachable(error: BaseException) -> bool:
    """Whether an error means that the database is away or overloaded, rather than that we asked for nonsense."""
    cause = error.__cause__ if isinstance(error, peewee.PeeweeException) else error
    if cause is None and isinstance(error, peewee.PeeweeException):
        cause = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error.__context__
    if isinstance(cause, _UNREACHABLE):
        return True
    if isinstance(error, peewee.OperationalError) or isinstance(cause, psycopg2.OperationalError):
        return True
    # A connection cut in the middle surfaces as a bare DatabaseError or InterfaceError without an SQLSTATE.
    broken = isinstance(cause, psycopg2.InterfaceError) or type(cause) is psycopg2.DatabaseError
    return broken and getattr(cause, "pgcode", None) is None


class _Local(threading.local):
    def __init__(self) -> None:
        self.depth = 0
        self.in_transaction = False
        self.after_commit: list[Callable[[], None]] = []


_open_transactions = threading.local()


def inside_transaction() -> bool:
    """Whether this thread has a transaction open in any service: then it must not call over the network."""
    return getattr(_open_transactions, "count", 0) > 0


class Database:
    """One service's database.

    Connections are taken only inside `transaction()` or `reading()` and returned at their end; both may be nested,
    the inner one then joins the outer. Errors that mean "away" come out as `Unavailable`; so does waiting for a free
    connection longer than `pool_wait` seconds.
    """

    def __init__(self, dsn: str, *, pool_size: int, application: str, pool_wait: float = POOL_WAIT_S) -> None:
        self.dsn = dsn
        params = {**_WATCH_THE_LINE, **parse_dsn(dsn)}
        params.setdefault("connect_timeout", str(CONNECT_TIMEOUT_S))
        params["application_name"] = application
        params["options"] = (
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS} -c timezone=UTC"
            " -c idle_in_transaction_session_timeout=60000"
        )
        name = params.pop("dbname")
        self.peewee = Pool(name, max_connections=pool_size, timeout=pool_wait, **params)
        self._local = _Local()
        self._apart: WeakSet[PgConnection] = WeakSet()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A connection without a transaction: each statement sees what is committed when it starts."""
        local = self._local
        if local.depth:
            yield
            return
        try:
            self.peewee.connect()
        except peewee.PeeweeException as error:
            raise Unavailable("The database is not available at the moment.") from error
        local.depth += 1
        try:
            yield
        except peewee.PeeweeException as error:
            if is_unreachable(error):
                raise Unavailable("The database is not available at the moment.") from error
            raise
        finally:
            local.depth -= 1
            self.peewee.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction; nested, it joins the outer one. `after_commit` callbacks run once the outermost committed.

        A failed statement fails the whole transaction: to go on after one, put it in `peewee.atomic()`, a savepoint.
        """
        local = self._local
        if local.in_transaction:
            yield
            return
        with self.reading():
            local.in_transaction = True
            local.after_commit = []
            _open_transactions.count = getattr(_open_transactions, "count", 0) + 1
            try:
                with self.peewee.atomic():
                    yield
                    self._refuse_to_commit_nothing()
            finally:
                local.in_transaction = False
                _open_transactions.count -= 1
        callbacks, local.after_commit = local.after_commit, []
        for callback in callbacks:
            try:
                callback()
            except Exception as error:  # what is committed must not be told as failed
                log.error("after_commit_failed", exc_info=error)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` when the transaction at hand has committed; it must not raise. Equal ones run once."""
        if not self._local.in_transaction:
            raise RuntimeError("after_commit needs an open transaction")
        if callback not in self._local.after_commit:
            self._local.after_commit.append(callback)

    def rows(self, statement: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        return list(self.peewee.execute_sql(statement, params).fetchall())

    def row(self, statement: str, params: Params = ()) -> tuple[Any, ...] | None:
        """The first row of a statement, or None."""
        found: tuple[Any, ...] | None = self.peewee.execute_sql(statement, params).fetchone()
        return found

    def execute(self, statement: str, params: Params = ()) -> int:
        """Run a statement; how many rows it touched."""
        return int(self.peewee.execute_sql(statement, params).rowcount)

    def ping(self) -> None:
        """Raises Unavailable when the database does not answer."""
        with self.reading():
            self.row("SELECT 1")

    def listen_connection(self) -> PgConnection:
        """A connection of its own, in autocommit, for LISTEN and NOTIFY."""
        params = {**_WATCH_THE_LINE, "connect_timeout": str(CONNECT_TIMEOUT_S), **parse_dsn(self.dsn)}
        conn = psycopg2.connect(**params)
        conn.autocommit = True
        self._apart.add(conn)
        return conn

    def after_fork(self) -> None:
        """Forget connections of the parent process; it keeps its own."""
        self._apart = WeakSet()
        self.peewee.dispose()

    def close(self) -> None:
        """Close idle connections, and those that listen or notify; those in use close when they are given back."""
        self.peewee.close_idle()
        for conn in list(self._apart):
            conn.close()

    def _refuse_to_commit_nothing(self) -> None:
        # PostgreSQL answers COMMIT of a failed transaction with a silent ROLLBACK.
        if self.peewee.connection().info.transaction_status == TRANSACTION_STATUS_INERROR:
            raise RuntimeError("a failed statement was swallowed inside a transaction")


def delete_in_batches(database: Database, statement: str, *, batch: int = 10_000) -> int:
    """Repeat a DELETE whose one parameter is how many rows it takes at most, each time in a transaction of its own;
    how many rows in all. One statement for everything runs into its timeout once too much has gathered, and then
    every time."""
    total = 0
    while True:
        with database.transaction():
            found = database.execute(statement, (batch,))
        total += found
        if found < batch:
            return total
