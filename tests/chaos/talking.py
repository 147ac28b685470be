"""Clients that journal what they intend and what they are told, a stream that must miss nothing, and the comparison of
both with what the platform holds at the end (guarantees 8, 9, 11, 12, 13, 21, 23)."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pika
import psycopg2
import requests
import urllib3

from chassis.config import database_dsn
from chassis.db import Database
from chassis.testing import eventually
from deploy import catalogue
from deploy.client import Client, Refused, Stream
from deploy.processes import Processes
from quota_svc.queries import checks

PASSWORD = "correct horse battery staple"
FREE_TEXTS = 10
OUTCOME_WITHIN_S = 90.0
REPLY_WITHIN_S = 60.0
"""Of a message, after what went wrong is right again: invariant 13."""
SETTLED_WITHIN_S = 60.0
ENVIRONMENT = {"DUET_BOT_CHECK": "off", "RATE_LIMIT_FACTOR": "0", "LOG_LEVEL": "warning"}


def new_client(platform: Processes) -> Client:
    """A client without kept connections: the gateway closes idle ones after a second, perhaps under a request."""
    client = Client(platform.url, proves_work=False)
    client.http.headers["Connection"] = "close"
    return client


def patiently(call: Callable[[], Any], *, until: float) -> Any:
    """Repeat a call whose outcome is unknown (a cut connection, 503, 500 of a dying process) until it has one."""
    while True:
        try:
            return call()
        except Refused as refusal:
            if refusal.status < 500 or time.monotonic() > until:
                raise
        except requests.RequestException:
            if time.monotonic() > until:
                raise
        time.sleep(0.05)


@dataclass
class Watcher:
    """The user's stream, opened again after the last event whenever it breaks. `seen`: durable events in order."""

    client: Client
    seen: list[Any] = field(default_factory=list)
    resets: list[Any] = field(default_factory=list)
    reconnects: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _stream: Stream | None = None
    _thread: threading.Thread | None = None
    _last: str | None = None

    def start(self) -> Watcher:
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self._thread.start()
        eventually(lambda: self._last is not None, within=SETTLED_WITHIN_S)
        return self

    def stop(self) -> None:
        self._stopping.set()
        if self._stream is not None:
            self._stream.close()
        if self._thread is not None:
            self._thread.join(30)

    def created(self, conversation_id: str) -> list[int]:
        """The seqs of `message.created`, in the order in which they came."""
        return [
            event.data["seq"]
            for event in list(self.seen)
            if event.name == "message.created" and event.data["conversation_id"] == conversation_id
        ]

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._stream = self.client.stream(self._last, read_timeout=20)
                for event in self._stream:
                    if event.name == "reset":
                        self.resets.append(event.data)
                    elif event.id is not None and event.name != "ready":
                        self.seen.append(event)
                    self._last = event.id or self._last
            except (
                requests.RequestException,
                urllib3.exceptions.HTTPError,
                OSError,
                Refused,
                AttributeError,
                ValueError,
            ):
                # Whatever cut it: the next one goes on behind the last event.
                self.reconnects += 1
            self._stopping.wait(0.1)


@dataclass
class Talker:
    """One user with one conversation. `acknowledged`: client_id → the message told; `unknown`: given up without an
    answer; `refused`: client_id → code."""

    client: Client
    conversation_id: str = ""
    intended: list[str] = field(default_factory=list)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    failure: BaseException | None = None
    watcher: Watcher | None = None

    def prepare(self, *, watch: bool = False) -> Talker:
        until = time.monotonic() + OUTCOME_WITHIN_S  # of what went before, breakers may still be open
        patiently(lambda: self.client.register(f"{uuid.uuid4().hex}@example.org", PASSWORD), until=until)
        listing = partial(patiently, lambda: self.client.call("GET", "/v1/companions"), until=until)
        companions = eventually(lambda: listing()["items"])
        if watch:
            self.watcher = Watcher(self.client).start()
        self.conversation_id = patiently(lambda: self.client.open(companions[0]["id"]), until=until)["id"]
        return self

    def talk(self, pause: random.Random, texts: int = FREE_TEXTS, *, gives_up: float = 0.0) -> None:
        """Send texts one after the other; with chance `gives_up` an outcome that is not told at once stays unknown."""
        try:
            for number in range(texts):
                client_id = str(uuid.UUID(int=pause.getrandbits(128), version=4))
                self.intended.append(client_id)
                patience = 0.0 if pause.random() < gives_up else OUTCOME_WITHIN_S
                until = time.monotonic() + patience
                try:
                    permit = patiently(self.client.permit, until=time.monotonic() + OUTCOME_WITHIN_S)["permit_id"]
                    text = f"message {number}, tell me something"
                    self.acknowledged[client_id] = self._insist(client_id, text, permit, until)
                except Refused as refusal:
                    if refusal.status < 500:
                        self.refused[client_id] = refusal.code
                    elif patience:
                        raise
                    else:
                        self.unknown.add(client_id)
                except requests.RequestException:
                    if patience:
                        raise
                    self.unknown.add(client_id)
                time.sleep(pause.uniform(0.0, 0.3))
        except BaseException as error:
            self.failure = error
            raise

    def _insist(self, client_id: str, text: str, permit: str, until: float) -> dict[str, Any]:
        """Send until there is an outcome. A permit that ran out meanwhile is no refusal of the text: a fresh one."""
        while True:
            try:
                send = partial(self.client.send, self.conversation_id, text, permit, client_id)
                sent: dict[str, Any] = patiently(send, until=until)
                return sent
            except Refused as refusal:
                if refusal.code != "permit-invalid" or time.monotonic() > until:
                    raise
                permit = patiently(self.client.permit, until=until)["permit_id"]

    def messages(self) -> list[dict[str, Any]]:
        path = f"/v1/conversations/{self.conversation_id}/messages"
        page = patiently(
            lambda: self.client.call("GET", path, params={"limit": 100}), until=time.monotonic() + OUTCOME_WITHIN_S
        )
        items: list[dict[str, Any]] = page["items"]
        return items

    def settled(self) -> bool:
        return all(m["reply_status"] != "pending" for m in self.messages() if m["sender"] == "user")


@contextmanager
def talking(talkers: Sequence[Talker], chance: random.Random, **how: Any) -> Iterator[None]:
    """Everybody talks during the block; its end waits for them."""
    threads = [
        threading.Thread(target=talker.talk, args=(random.Random(chance.random()),), kwargs=how) for talker in talkers
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
    assert [talker.failure for talker in talkers] == [None] * len(talkers)


def seed_companion(platform: Processes) -> None:
    """An admin makes a companion through the API, as nothing is seeded here."""
    admin = new_client(platform).register(f"{uuid.uuid4().hex}@example.org", PASSWORD)
    platform.command("create-admin", admin.user["email"])
    admin.call("POST", "/v1/admin/companions", {"name": "Mara", "age": 29, "bio": "Photographer from Lisbon."})


def new_talkers(platform: Processes, count: int, *, watch: bool = False) -> list[Talker]:
    return [Talker(new_client(platform)).prepare(watch=watch) for _ in range(count)]


class Truth:
    """What the platform's databases and queues hold."""

    def __init__(self, database_url: str, amqp_url: str) -> None:
        self._database_url = database_url
        self._amqp_url = amqp_url

    def value(self, service: str, statement: str) -> Any:
        """The first column of a statement's first row."""
        with closing(psycopg2.connect(database_dsn(self._database_url, service))) as conn, conn.cursor() as cursor:
            cursor.execute(statement)
            conn.commit()
            found = cursor.fetchone() if cursor.description else None
            return found[0] if found else None

    def rows(self, service: str, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement; ids as text."""
        with closing(psycopg2.connect(database_dsn(self._database_url, service))) as conn, conn.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def quota_faults(self) -> list[Any]:
        """Guarantees 8, 9 and 10 as `duet verify` looks at them."""
        database = Database(database_dsn(self._database_url, "quota-svc"), pool_size=2, application="test")
        try:
            return checks.faults(database)
        finally:
            database.close()

    def drained(self) -> bool:
        """Whether every event was published and every reply made."""
        waiting = [
            self.value(name, "SELECT count(*) FROM outbox WHERE published_at IS NULL") for name in catalogue.NAMES
        ]
        return not any(waiting) and self.value("ai-svc", "SELECT count(*) FROM reply_jobs WHERE state = 'open'") == 0

    def dead(self) -> dict[str, int]:
        """How many events each service has given up."""
        connection = pika.BlockingConnection(pika.URLParameters(self._amqp_url))
        with closing(connection):
            channel = connection.channel()
            names = [f"{name}.dead" for name in catalogue.NAMES]
            counts = {name: channel.queue_declare(name, passive=True).method.message_count for name in names}
        return {name: count for name, count in counts.items() if count}

    def settle_now(self, platform: Processes) -> None:
        """Have quota-svc ask at once about admissions of which it has not heard, instead of after ten minutes."""
        self.value("quota-svc", "UPDATE admissions SET settle_at = now() WHERE state = 'admitted'")
        platform.terminate("worker:quota-svc")
        platform.start("worker:quota-svc")
        open_admissions = "SELECT count(*) FROM admissions WHERE state = 'admitted'"
        eventually(lambda: self.value("quota-svc", open_admissions) == 0, within=SETTLED_WITHIN_S)


def compare(talkers: Sequence[Talker], platform: Processes, truth: Truth) -> None:
    """Let everything come to rest, then hold the journals against what there is."""
    for talker in talkers:
        eventually(talker.settled, within=REPLY_WITHIN_S)
    eventually(truth.drained, within=SETTLED_WITHIN_S)
    if any(talker.unknown for talker in talkers):
        truth.settle_now(platform)
    for talker in talkers:
        _compare_one(talker)
    assert truth.quota_faults() == []
    assert truth.dead() == {}


def _compare_one(talker: Talker) -> None:
    items = talker.messages()
    assert [m["seq"] for m in items] == list(range(1, len(items) + 1)), "the sequence has gaps"
    mine = [m for m in items if m["sender"] == "user"]
    found = [m["client_id"] for m in mine]
    assert len(found) == len(set(found)), "a doubled message"
    assert set(talker.acknowledged) <= set(found), "a lost message"
    assert not set(talker.refused) & set(found), "a refused message that is there"
    assert set(found) <= set(talker.acknowledged) | talker.unknown
    for client_id, message in talker.acknowledged.items():
        assert [m["id"] for m in mine if m["client_id"] == client_id] == [message["id"]]
    answered = [ident for m in items if m["sender"] == "ai" and not m["superseded"] for ident in m["reply_to"]]
    failed = [m["id"] for m in mine if m["reply_status"] == "failed"]
    assert sorted([*answered, *failed]) == sorted(m["id"] for m in mine), "not exactly one reply or one failure"
    path = f"/v1/conversations/{talker.conversation_id}"
    seen = patiently(lambda: talker.client.call("GET", path), until=time.monotonic() + OUTCOME_WITHIN_S)
    assert seen["free_remaining"]["text"] == FREE_TEXTS - len(mine) + len(failed), "a quota that is not exact"
    watcher = talker.watcher
    if watcher is not None:
        eventually(lambda: len(watcher.created(talker.conversation_id)) >= len(items), within=SETTLED_WITHIN_S)
        watcher.stop()
        assert watcher.created(talker.conversation_id) == [m["seq"] for m in items], "the stream"
        ids = [int(event.id.split("-")[0]) for event in watcher.seen]
        assert ids == sorted(set(ids)), "stream ids out of order or twice"
        assert watcher.resets == []
