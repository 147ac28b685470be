"""The platform as ten processes on real PostgreSQL and RabbitMQ, and a nemesis whose seed is printed."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.processes import Processes
from tests.chaos.talking import ENVIRONMENT, Truth


@pytest.fixture
def processes(tmp_path: Path, database_url: str, amqp_url: str) -> Iterator[Processes]:
    platform = Processes(tmp_path / "logs", database_url=database_url, bus_url=amqp_url, env=ENVIRONMENT)
    try:
        platform.start_all()
        yield platform
    finally:
        platform.stop_all()


@pytest.fixture
def truth(database_url: str, amqp_url: str) -> Truth:
    return Truth(database_url, amqp_url)


@pytest.fixture
def chance() -> random.Random:
    """What the nemesis throws its dice with; CHAOS_SEED repeats a run."""
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(2**32))
    print(f"nemesis seed {seed}")
    return random.Random(seed)
