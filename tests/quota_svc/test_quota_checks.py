"""The checks of the guarantees find what is broken, and the service breaks none of them under random load."""

import random
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.ids import derive, uuid7
from quota_svc.queries.checks import faults
from tests.quota_svc.quota_harness import Person, Quota
from tests.quota_svc.test_reversals import posted
from tests.quota_svc.test_spends import spend_of

CORRUPTIONS = {
    "UPDATE permits SET uses_left = uses_left - 1": 8,
    "UPDATE permits SET scope = 'chat_send', expires_at = created_at + interval '1 microsecond'": 8,
    "UPDATE admissions SET scope = 'other'": 8,
    "UPDATE admissions SET user_id = gen_random_uuid()": 8,
    "INSERT INTO admissions SELECT id, generation + 1, user_id, companion_id, conversation_id, sender_id, client_id,"
    " gen_random_uuid(), scope, 'nothing', state, admitted_at, settle_at FROM admissions": 8,
    "UPDATE quotas SET text_left = text_left + 1": 9,
    "UPDATE quotas SET text_left = text_left - 1": 9,
    "UPDATE admissions SET state = 'reversed'": 9,
    "DELETE FROM quotas": 9,
    "UPDATE premium SET premium_until = premium_until + interval '1 second'": 6,
    "DELETE FROM premium": 6,
    "DELETE FROM premium_grants": 6,
}


@pytest.fixture
def busy(quota: Quota, person: Person) -> Quota:
    """A service in which something has happened."""
    permit = quota.mint(person.id)
    quota.admit(person.send(permit))
    quota.service.usecases.premium.grant(uuid7(), uuid7(), 30, "test")
    assert faults(quota.service.database) == []
    return quota


@pytest.mark.parametrize(("corruption", "guarantee"), CORRUPTIONS.items())
def test_a_broken_row_is_found(busy: Quota, corruption: str, guarantee: int) -> None:
    assert busy.execute(corruption) == 1
    found = faults(busy.service.database)
    assert guarantee in {fault.guarantee for fault in found}
    assert all(fault.subject and fault.what for fault in found)


class Model:
    """What ought to be: the quota, the permits and the admissions of one person."""

    def __init__(self, quota: Quota) -> None:
        self.quota, self.person = quota, Person(quota)
        self.text = 10
        self.uses: dict[str, int] = {}
        self.clients = [uuid4() for _ in range(4)]
        self.generations: dict[UUID, int] = {}
        self.live: dict[UUID, str] = {}

    def mint(self, _which: int) -> None:
        self.uses[self.quota.mint(self.person.id)] = 5

    def admit(self, which: int) -> None:
        client = self.clients[which % 4]
        permit = list(self.uses)[which % len(self.uses)] if self.uses else "none"
        answer = self.quota.admit(self.person.send(permit, client))
        if client not in self.live:
            if not self.uses.get(permit):
                assert answer.status_code == 403
                return
            if not self.text:
                assert answer.status_code == 402
                return
            self.uses[permit] -= 1
            self.text -= 1
            self.generations[client] = self.generations.get(client, 0) + 1
            self.live[client] = "admitted"
        assert (answer.status_code, answer.json) == (200, {"generation": self.generations[client]})

    def reverse(self, which: int) -> None:
        client = self.clients[which % 4]
        send = self.person.send("", client)
        generation = self.generations.get(client, 0) - which % 2
        hits = client in self.live and which % 2 == 0
        assert self.quota.reverse((send["admission_id"], max(1, generation))) == int(
            hits or (client in self.live and generation == 0)
        )
        if client in self.live and (hits or generation == 0):
            del self.live[client]
            self.text += 1

    def post(self, which: int) -> None:
        client = self.clients[which % 4]
        generation = max(1, self.generations.get(client, 0) - which % 2)
        self.quota.deliver(posted(self.person.send("", client), generation), times=2)
        if client in self.live and generation == self.generations[client]:
            self.live[client] = "used"

    def check(self) -> None:
        assert self.person.text_left == self.text
        assert {permit: self.quota.uses_left(permit) for permit in self.uses} == self.uses
        rows = self.quota.rows(
            "SELECT client_id, state FROM admissions WHERE user_id = %s AND state <> 'reversed'", self.person.id
        )
        assert dict(rows) == self.live


STEPS = st.lists(
    st.tuples(st.sampled_from(["mint", "admit", "admit", "admit", "reverse", "post"]), st.integers(0, 7)), max_size=40
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_any_order_of_steps_does_what_the_model_says(quota: Quota, steps: list[tuple[str, int]]) -> None:
    model = Model(quota)
    for step, which in steps:
        getattr(model, step)(which)
    model.check()
    assert faults(quota.service.database) == []


@pytest.mark.parametrize("seed", range(3))
def test_random_work_in_eight_threads_breaks_nothing_and_never_deadlocks(quota: Quota, seed: int) -> None:
    people = [Person(quota) for _ in range(2)]
    permits = {person: [quota.mint(person.id) for _ in range(3)] for person in people}
    clients = {person: [uuid4() for _ in range(5)] for person in people}
    statuses: list[int] = []
    checks: list[Any] = []

    def some(dice: random.Random) -> dict[str, Any]:
        person = dice.choice(people)
        client = dice.choice(clients[person])
        # What a send spends goes with its id, as a client's retry is of the same kind.
        kind = "media" if clients[person].index(client) % 2 else "text"
        return person.send(dice.choice(permits[person]), client, spend=kind)

    def reverse(dice: random.Random) -> int:
        named = [
            {"admission_id": some(dice)["admission_id"], "generation": dice.randint(1, 4)}
            for _ in range(dice.randint(1, 5))
        ]
        return quota.post("/internal/admissions/reverse", {"admissions": named}, "ai-svc").status_code

    def settle(_dice: random.Random) -> int:
        quota.execute("UPDATE admissions SET settle_at = now() WHERE state = 'admitted' AND random() < 0.2")
        quota.run_loop("settle")
        return 200

    def grant(dice: random.Random) -> int:
        quota.service.usecases.premium.grant(uuid7(), dice.choice(people).id, 1, "test")
        return 200

    def post(dice: random.Random) -> int:
        quota.deliver(posted(some(dice), dice.randint(1, 4)))
        return 200

    def spend(dice: random.Random) -> int:
        body = spend_of(dice.choice(people), "image")
        body["spend_id"] = str(derive(UUID(body["user_id"]), dice.randint(1, 8)))
        return quota.post("/internal/spends", body, "ai-svc").status_code

    def give_back(dice: random.Random) -> int:
        spend_id = derive(dice.choice(people).id, dice.randint(1, 8))
        return quota.post(f"/internal/spends/{spend_id}/return", None, "ai-svc").status_code

    def watch(_dice: random.Random) -> int:
        checks.extend(faults(quota.service.database))
        return 200

    work: list[Callable[[random.Random], int]] = [
        *[lambda dice: quota.admit(some(dice)).status_code] * 8, reverse, reverse, settle, post, watch,
        spend, spend, spend, give_back,
    ]  # fmt: skip

    def run(number: int) -> None:
        dice = random.Random(seed * 100 + number)
        for turn in range(40):
            # Premium comes late, so that free sends race for the quota first.
            statuses.append((grant if turn == 35 and number < 2 else dice.choice(work))(dice))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 320
    assert set(statuses) <= {200, 402, 403, 409}
    assert checks == []
    assert faults(quota.service.database) == []
