"""Uploads, media sends and media replies while processes are killed and frozen and answers are lost."""

import os
import random
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from deploy.processes import Processes
from tests.chaos.faulty_proxy import FaultyProxy
from tests.chaos.media_talking import MediaTalker, as_asked, new_media_talkers, seed_companion_with_assets
from tests.chaos.media_truth import compare_media, look_at_the_store
from tests.chaos.talking import ENVIRONMENT, Truth, talking
from tests.stubs.classifier import ClassifierServer
from tests.stubs.model_server import ModelServer

LOST = 0.08
FROZEN_S = 3.0
INVOLVED = ("media-svc", "chat-svc", "ai-svc", "quota-svc")


def test_media_stays_whole_whatever_is_killed_frozen_or_lost(
    tmp_path: Path, database_url: str, amqp_url: str, truth: Truth, chance: random.Random
) -> None:
    with ExitStack() as stack:
        model, classifier = stack.enter_context(ModelServer()), stack.enter_context(ClassifierServer())
        model.otherwise = as_asked
        env = ENVIRONMENT | {"DEMO_MEDIA": "off"} | model.environment("PRIMARY") | classifier.environment()
        platform = Processes(tmp_path / "logs", database_url=database_url, bus_url=amqp_url, env=env)
        proxies = [
            stack.enter_context(closing(FaultyProxy(platform.ports[name], random.Random(chance.random()))))
            for name in INVOLVED
        ]
        for name, proxy in zip(INVOLVED, proxies, strict=True):
            platform.place(name, f"http://127.0.0.1:{proxy.port}")
        stack.callback(platform.stop_all)
        platform.start_all()
        seed_companion_with_assets(platform)
        talkers = new_media_talkers(platform, 4)
        with talking(talkers, chance, gives_up=0.2):
            for proxy in proxies:
                proxy.chance_of_loss = LOST
            try:
                nemesis(platform, chance)
            finally:
                for proxy in proxies:
                    proxy.chance_of_loss = 0.0
                for talker in talkers:
                    talker.stop.set()
        compare_media(talkers, platform, truth)
        told = look_at_the_store(platform, truth)
        assert model.violations == classifier.violations == []
        print(told, *(figures(talkers)), f"answers lost: {sum(sum(one.lost.values()) for one in proxies)}", sep="\n")


def nemesis(platform: Processes, chance: random.Random) -> None:
    """Kill each process once, the next one perhaps before the last one is back, and freeze two for a while."""
    victims = [f"{role}:{name}" for name in INVOLVED for role in ("web", "worker")]
    frozen = set(chance.sample(victims, 2))
    chance.shuffle(victims)
    for victim in victims:
        time.sleep(chance.uniform(0.3, 2.0))
        print(f"kill {victim}")
        platform.kill(victim)
        time.sleep(chance.uniform(0.0, 0.5))
        platform.start(victim, wait=victim in frozen)
        if victim in frozen:
            time.sleep(chance.uniform(0.2, 1.0))
            print(f"freeze {victim}")
            os.killpg(platform.pid(victim), signal.SIGSTOP)
            time.sleep(FROZEN_S)
            os.killpg(platform.pid(victim), signal.SIGCONT)
    for victim in victims:
        platform.wait_ready(victim)


def figures(talkers: Sequence[MediaTalker]) -> list[str]:
    """What was done under the faults, to be printed."""
    return [
        f"{'premium' if one.premium else 'free'}: {len(one.intended)} sends, {len(one.acknowledged)} acknowledged,"
        f" {len(one.unknown)} unknown, refused {sorted(one.refused.values())}, {len(one.uploads)} uploads,"
        f" {len(one.deleted)} deleted"
        for one in talkers
    ]
