"""The five services as values, looked at and never started."""

import pytest

from chassis.service import Service
from deploy.reference.described import described_services


@pytest.fixture(scope="session")
def services() -> dict[str, Service]:
    return described_services()
