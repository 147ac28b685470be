"""kill -9 of any one process in the middle of conversations: whatever was acknowledged has its one reply.

Clients journal every intent and every answer, and repeat unknown outcomes with the same client_id.
"""

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

from chassis.testing import eventually
from deploy.client import Client, Refused
from deploy.processes import Processes

PASSWORD = "correct horse battery staple"
TEXTS_EACH = 10
REPLY_WITHIN_S = 60


def patiently(call: Any, *, until: float) -> Any:
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
class Talker:
    """One user with one conversation, who sends texts one after the other and writes down what was acknowledged."""

    client: Client
    conversation_id: str = ""
    intended: list[str] = field(default_factory=list)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    failure: BaseException | None = None

    def prepare(self) -> None:
        self.client.register(f"{uuid.uuid4().hex}@example.org", PASSWORD)
        companions = eventually(lambda: self.client.call("GET", "/v1/companions")["items"])
        self.conversation_id = self.client.open(companions[0]["id"])["id"]

    def talk(self, pause: random.Random) -> None:
        try:
            for number in range(TEXTS_EACH):
                client_id = str(uuid.uuid4())
                self.intended.append(client_id)
                until = time.monotonic() + 60
                message = patiently(lambda c=client_id, n=number: self._send(c, n), until=until)
                self.acknowledged[client_id] = message
                time.sleep(pause.uniform(0.0, 0.3))
        except BaseException as error:
            self.failure = error
            raise

    def _send(self, client_id: str, number: int) -> dict[str, Any]:
        permit = self.client.permit()["permit_id"]
        return self.client.send(self.conversation_id, f"message {number}, tell me something", permit, client_id)

    def messages(self) -> list[dict[str, Any]]:
        path = f"/v1/conversations/{self.conversation_id}/messages"
        items: list[dict[str, Any]] = self.client.call("GET", path, params={"limit": 100})["items"]
        return items

    def settled(self) -> bool:
        return all(m["reply_status"] == "replied" for m in self.messages() if m["sender"] == "user")


def seed_companion(platform: Processes) -> None:
    """An admin makes a companion through the API, as nothing is seeded here."""
    admin = Client(platform.url, proves_work=False).register(f"{uuid.uuid4().hex}@example.org", PASSWORD)
    platform.command("create-admin", admin.user["email"])
    admin.call("POST", "/v1/admin/companions", {"name": "Mara", "age": 29, "bio": "Photographer from Lisbon."})


def check_invariants(talker: Talker) -> None:
    """Guarantees 9, 11, 12 and 13 for one conversation, against the journal."""
    items = talker.messages()
    assert [m["seq"] for m in items] == list(range(1, len(items) + 1)), "the sequence has gaps"
    mine = [m for m in items if m["sender"] == "user"]
    assert sorted(m["client_id"] for m in mine) == sorted(talker.acknowledged), "lost or doubled messages"
    for client_id, message in talker.acknowledged.items():
        assert [m["id"] for m in mine if m["client_id"] == client_id] == [message["id"]]
    answered = [ident for m in items if m["sender"] == "ai" for ident in m["reply_to"]]
    assert sorted(answered) == sorted(m["id"] for m in mine), "a message without its one reply"
    conversation = talker.client.call("GET", f"/v1/conversations/{talker.conversation_id}")
    assert conversation["free_remaining"]["text"] == 10 - len(mine)


def test_every_acknowledged_message_has_its_one_reply_whatever_process_is_killed(processes: Processes) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"nemesis seed {seed}")
    chance = random.Random(seed)
    seed_companion(processes)
    victims = list(processes.names)
    chance.shuffle(victims)
    for victim in victims:
        talkers = [Talker(Client(processes.url, proves_work=False)) for _ in range(3)]
        for talker in talkers:
            talker.prepare()
        threads = [threading.Thread(target=t.talk, args=(random.Random(chance.random()),)) for t in talkers]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.2, 1.0))
        processes.kill(victim)
        time.sleep(chance.uniform(0.0, 0.5))
        processes.start(victim)
        for thread in threads:
            thread.join()
        assert [t.failure for t in talkers] == [None, None, None], f"{victim} (seed {seed})"
        for talker in talkers:
            eventually(talker.settled, within=REPLY_WITHIN_S)
            check_invariants(talker)


def test_the_same_path_works_over_the_stream_on_real_servers(processes: Processes) -> None:
    seed_companion(processes)
    talker = Talker(Client(processes.url, proves_work=False))
    talker.prepare()
    stream = talker.client.stream()
    stream.until(lambda event: event.name == "ready")
    talker.client.send(talker.conversation_id, "Hello, who are you?", talker.client.permit()["permit_id"])
    seen = stream.until(lambda event: event.name == "message.created" and event.data["sender"] == "ai")
    stream.close()
    names = [event.name for event in seen]
    assert "reply.started" in names
    assert "reply.delta" in names
    streamed = "".join(event.data["text"] for event in seen if event.name == "reply.delta")
    assert seen[-1].data["text"].startswith(streamed)
