"""Processes that stand still for a while and then go on as if no time had passed (SIGSTOP, SIGCONT)."""

import os
import random
import signal
import time
from contextlib import closing
from pathlib import Path

import psutil

from chassis.testing import eventually
from deploy.processes import Processes
from tests.chaos.faulty_proxy import FaultyProxy
from tests.chaos.talking import ENVIRONMENT, Truth, compare, new_talkers, seed_companion, talking

FROZEN_S = 7.0


def test_a_frozen_process_loses_and_doubles_nothing(processes: Processes, truth: Truth, chance: random.Random) -> None:
    seed_companion(processes)
    alive = [name for name in processes.names if not name.endswith("media-svc")]
    for victim in chance.sample(alive, 3):
        print(f"freeze {victim}")
        talkers = new_talkers(processes, 3, watch=True)
        with talking(talkers, chance, texts=8, gives_up=0.3):
            time.sleep(0.5)
            os.killpg(processes.pid(victim), signal.SIGSTOP)
            time.sleep(FROZEN_S)
            os.killpg(processes.pid(victim), signal.SIGCONT)
        compare(talkers, processes, truth)


def test_a_send_frozen_between_admission_and_message_until_that_was_taken_back_writes_nothing(
    tmp_path: Path, database_url: str, amqp_url: str, truth: Truth, chance: random.Random
) -> None:
    # Two workers each: while one is frozen, the other one tells quota-svc that there is no message.
    platform = Processes(tmp_path / "logs", database_url=database_url, bus_url=amqp_url, env=ENVIRONMENT, web_workers=2)
    with closing(FaultyProxy(platform.ports["quota-svc"], chance)) as proxy:
        platform.place("quota-svc", f"http://127.0.0.1:{proxy.port}")
        try:
            platform.start_all()
            seed_companion(platform)
            (talker,) = new_talkers(platform, 1, watch=True)
            held = proxy.hold("POST /internal/admissions")
            with talking([talker], chance, texts=1):
                assert held.there.wait(60)
                sender = freeze_worker_on(platform.pid("web:chat-svc"), held.caller_port)
                try:
                    assert truth.value("quota-svc", "SELECT state FROM admissions") == "admitted"
                    truth.settle_now(platform)
                    assert truth.value("quota-svc", "SELECT state FROM admissions") == "reversed"
                    assert truth.value("chat-svc", "SELECT count(*) FROM voided_admissions") == 1
                    held.go_on.set()
                    assert held.sent.wait(60)
                finally:
                    os.kill(sender, signal.SIGCONT)
            compare([talker], platform, truth)
            states = "SELECT array_agg(state ORDER BY generation) FROM admissions"
            eventually(lambda: truth.value("quota-svc", states), until=lambda found: found == ["reversed", "used"])
        finally:
            platform.stop_all()


def freeze_worker_on(master: int, port: int) -> int:
    """Stop the worker of a gunicorn that holds the connection with this local port; its number."""
    os.killpg(master, signal.SIGSTOP)  # all of them first: it does not wait long for its answer while we look
    found = 0
    for process in (psutil.Process(master), *psutil.Process(master).children(recursive=True)):
        if any(line.laddr.port == port for line in process.net_connections("tcp") if line.laddr):
            found = process.pid
        else:
            process.send_signal(signal.SIGCONT)
    assert found, f"nobody holds port {port}"
    return found
