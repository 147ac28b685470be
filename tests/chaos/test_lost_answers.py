"""Requests that are carried out and whose answers never arrive, between any two services at any step."""

import random
from contextlib import ExitStack, closing
from pathlib import Path

from deploy.processes import Processes
from tests.chaos.faulty_proxy import FaultyProxy
from tests.chaos.talking import ENVIRONMENT, Truth, compare, new_talkers, seed_companion, talking

LOST = 0.25


def test_a_quarter_of_all_answers_lost_costs_nobody_a_message_a_reply_or_a_quota(
    tmp_path: Path, database_url: str, amqp_url: str, truth: Truth, chance: random.Random
) -> None:
    platform = Processes(tmp_path / "logs", database_url=database_url, bus_url=amqp_url, env=ENVIRONMENT)
    with ExitStack() as stack:
        proxies = {
            name: stack.enter_context(closing(FaultyProxy(platform.ports[name], random.Random(chance.random()))))
            for name in ("chat-svc", "quota-svc", "ai-svc")
        }
        for name, proxy in proxies.items():
            platform.place(name, f"http://127.0.0.1:{proxy.port}")
        stack.callback(platform.stop_all)
        platform.start_all()
        seed_companion(platform)
        talkers = new_talkers(platform, 4, watch=True)
        for proxy in proxies.values():
            proxy.chance_of_loss = LOST
        with talking(talkers, chance, gives_up=0.3):
            pass
        for proxy in proxies.values():
            proxy.chance_of_loss = 0.0
        compare(talkers, platform, truth)
        lost = {what for proxy in proxies.values() for what, times in proxy.lost.items() if times}
        assert {"POST /internal/admissions", "POST /internal/messages:batch"} <= lost
