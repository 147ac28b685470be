"""The platform as ten processes on real PostgreSQL and RabbitMQ."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.processes import Processes


@pytest.fixture
def processes(tmp_path: Path, database_url: str, amqp_url: str) -> Iterator[Processes]:
    platform = Processes(
        tmp_path / "logs",
        database_url=database_url,
        bus_url=amqp_url,
        env={"DUET_BOT_CHECK": "off", "RATE_LIMIT_FACTOR": "0", "LOG_LEVEL": "warning"},
    )
    try:
        platform.start_all()
        yield platform
    finally:
        platform.stop_all()
