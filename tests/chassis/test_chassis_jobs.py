"""Jobs: each row to one worker, a lost lease undoes what was done, loops that wake, go on and stop."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from chassis_kit import Databases, count

from chassis.db import Database
from chassis.errors import Unavailable
from chassis.ids import uuid7
from chassis.jobs import COLUMNS, JobTable, LeaseLost, Loop, timer
from chassis.testing import eventually


@pytest.fixture
def jobs(databases: Databases) -> Database:
    database = databases.make(f"jobs_{uuid4().hex}", pool_size=10)
    with database.transaction():
        database.execute(f"CREATE TABLE job (id uuid PRIMARY KEY, {COLUMNS})")
        database.execute("CREATE INDEX job_due ON job (run_at) WHERE state = 'open'")
    return database


def add(database: Database, number: int = 1) -> list[UUID]:
    ids = [uuid7() for _ in range(number)]
    with database.transaction():
        for n, one in enumerate(ids):
            database.execute(
                "INSERT INTO job (id, run_at) VALUES (%s, now() - interval '1 h' + %s * interval '1 s')", (one, n)
            )
    return ids


def test_eight_threads_claim_each_row_once(jobs: Database) -> None:
    ids = add(jobs, 300)
    table = JobTable(jobs, "job")
    together = threading.Barrier(8)

    def work() -> list[UUID]:
        together.wait(60)
        mine = []
        while leases := table.claim(60, limit=3):
            assert len(leases) <= 3
            mine += [lease.id for lease in leases]
        return mine

    with ThreadPoolExecutor(8) as pool:
        claimed = [one for done in [pool.submit(work) for _ in range(8)] for one in done.result()]
    assert sorted(claimed) == sorted(ids)


def test_the_oldest_come_first_and_no_more_than_asked(jobs: Database) -> None:
    ids = add(jobs, 10)
    table = JobTable(jobs, "job")
    assert [lease.id for lease in table.claim(60, limit=4)] == ids[:4]
    assert [lease.id for lease in table.claim(60, limit=4)] == ids[4:8]
    assert [lease.id for lease in table.claim(60, limit=4)] == ids[8:]
    assert table.claim(60) == []


def test_a_lease_that_ran_out_is_taken_over_and_the_first_effect_undone(jobs: Database) -> None:
    add(jobs)
    table = JobTable(jobs, "job")
    (first,) = table.claim(0.05)
    (second,) = eventually(lambda: table.claim(60))
    assert (second.id, second.fence, second.attempts) == (first.id, first.fence + 1, 2)

    def finish_late() -> None:
        with jobs.transaction():
            jobs.execute("INSERT INTO effects (poke_id) VALUES (%s)", (first.id,))
            table.finish(first)

    with pytest.raises(LeaseLost):
        finish_late()
    assert count(jobs) == 0
    for act in (table.hold, lambda lease: table.renew(lease, 60), lambda lease: table.postpone(lease, 1)):
        with pytest.raises(LeaseLost), jobs.transaction():
            act(first)
    with jobs.transaction():
        table.hold(second)
        jobs.execute("INSERT INTO effects (poke_id) VALUES (%s)", (second.id,))
        table.finish(second)
    assert (count(jobs), count(jobs, "job WHERE state = 'done'")) == (1, 1)
    with pytest.raises(LeaseLost):
        table.finish(second)


def test_a_renewed_lease_is_not_taken_over(jobs: Database) -> None:
    add(jobs)
    table = JobTable(jobs, "job")
    (lease,) = table.claim(0.3)
    table.renew(lease, 60)
    time.sleep(0.4)
    assert table.claim(60) == []
    table.finish(lease, "failed")
    assert count(jobs, "job WHERE state = 'failed'") == 1


def test_a_postponed_row_is_due_again_later(jobs: Database) -> None:
    add(jobs)
    table = JobTable(jobs, "job")
    (lease,) = table.claim(60)
    table.postpone(lease, 60)
    assert table.claim(60) == []
    with jobs.transaction():
        jobs.execute("UPDATE job SET run_at = run_at - interval '59.9 s'")
    (again,) = eventually(lambda: table.claim(60))
    assert again.attempts == 2


def test_a_claim_that_is_rolled_back_leaves_the_row_to_others(jobs: Database) -> None:
    add(jobs)
    table = JobTable(jobs, "job")
    with pytest.raises(Unavailable), jobs.transaction():
        assert len(table.claim(60)) == 1
        raise Unavailable()
    assert len(table.claim(60)) == 1


def run_loop(step: object, *, idle_seconds: float = 60.0, threads: int = 1) -> Loop:
    loop = Loop("test-loop", step, idle_seconds=idle_seconds, threads=threads)  # type: ignore[arg-type]  # a callable
    loop.start()
    return loop


def test_a_wake_is_acted_on_at_once_and_none_is_forgotten() -> None:
    work: list[int] = []
    done: list[int] = []

    def step() -> bool:
        if not work:
            return False
        done.append(work.pop())
        return True

    loop = run_loop(step)
    for n in range(200):
        work.append(n)
        loop.wake()
        eventually(lambda n=n: len(done) == n + 1, every=0.0005)  # type: ignore[misc]  # bound at once
    loop.stop(5)


def test_a_wake_during_a_step_that_finds_nothing_is_not_forgotten() -> None:
    looking, go_on = threading.Event(), threading.Event()
    seen: list[str] = []

    def step() -> bool:
        seen.append("step")
        if len(seen) == 1:
            looking.set()
            go_on.wait(60)
        return False

    loop = run_loop(step)
    assert looking.wait(60)
    loop.wake()
    go_on.set()
    eventually(lambda: len(seen) == 2)
    loop.stop(5)


def test_several_threads_work_at_once() -> None:
    together = threading.Barrier(3)
    met: list[int] = []

    def step() -> bool:
        if not met:
            met.append(together.wait(60))
        return False

    loop = run_loop(step, threads=3)
    eventually(lambda: met)
    loop.wake()
    loop.stop(5)


def test_a_step_that_fails_does_not_end_the_loop() -> None:
    steps: list[BaseException] = [RuntimeError("one"), Unavailable(), LeaseLost(), ValueError("four")]
    done = threading.Event()

    def step() -> bool:
        if steps:
            raise steps.pop(0)
        done.set()
        return False

    loop = run_loop(step, idle_seconds=0.01)
    assert done.wait(60)
    loop.stop(5)


def test_stopping_waits_for_the_steps_in_hand_and_starts_no_more() -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()
    ended: list[float] = []

    def step() -> bool:
        begun.release()
        go_on.wait(60)
        time.sleep(0.4)
        ended.append(time.monotonic())
        return True

    loop = run_loop(step, threads=2)
    assert begun.acquire(timeout=60)
    assert begun.acquire(timeout=60)
    loop.stop(0.0)  # told, with both steps in hand
    assert ended == []
    go_on.set()
    loop.stop(60)
    stopped = time.monotonic()
    assert len(ended) == 2
    assert max(ended) <= stopped
    time.sleep(0.6)
    assert len(ended) == 2


def test_stopping_does_not_wait_for_ever() -> None:
    free = threading.Event()

    def step() -> bool:
        free.wait(60)
        return False

    loop = run_loop(step)
    started = time.monotonic()
    loop.stop(0.3)
    assert time.monotonic() - started < 30
    free.set()
    loop.stop(5)


def test_a_timer_runs_again_and_again() -> None:
    runs: list[int] = []
    loop = timer("test-timer", lambda: runs.append(1), every_seconds=0.02)
    loop.start()
    eventually(lambda: len(runs) >= 5)
    loop.stop(5)
