"""docker-compose.yml: valid, pinned, and each of its commands starts as a process with the environment it names.

No Docker engine is needed: the addresses of containers are replaced by those of real servers and free ports here.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import catalogue
from deploy.keys import env_lines
from deploy.ports import free_port
from media_svc.config import Config
from tests.stubs.swift import Swift

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
ONCE = {"migrate": ("migrate",), "bucket": ("media", "bucket-setup")}
"""The containers that prepare something and end, by their commands."""
VARIABLE = re.compile(r"\$\{(\w+)(?:(:-|:\?)([^}]*))?\}")


def dotenv() -> dict[str, str]:
    """What `make keys` writes, read as Compose reads it: single-quoted values are taken as they are."""
    pairs = (line.split("=", 1) for line in env_lines())
    return {name: value.removeprefix("'").removesuffix("'") for name, value in pairs}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def ours() -> dict[str, dict[str, Any]]:
    """The containers made from our image."""
    return {name: service for name, service in compose()["services"].items() if service["image"].startswith("duet:")}


def environment_of(service: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """A container's environment with its variables filled in; a required one that is missing fails."""

    def fill(found: re.Match[str]) -> str:
        name, operator, rest = found.groups()
        if values.get(name):
            return values[name]
        assert operator == ":-", f"{name} has no value: {rest}"
        return rest or ""

    return {name: VARIABLE.sub(fill, str(text)) for name, text in service.get("environment", {}).items()}


def test_the_file_satisfies_the_compose_specification() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout


def test_every_image_is_pinned_to_a_version() -> None:
    images = [service["image"] for service in compose()["services"].values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    assert len(images) > 5
    for image in images:
        tag = image.partition(":")[2]
        assert re.match(r"v?\d+\.\d+", tag), f"{image} is not pinned"


def test_every_variable_is_in_the_generated_env_file_or_has_a_default() -> None:
    values = dotenv()
    for service in compose()["services"].values():
        environment_of(service, values)


def test_every_service_has_a_web_and_a_worker_container() -> None:
    commands = {tuple(service["command"]) for service in ours().values()}
    assert commands == set(ONCE.values()) | {(role, name) for role in ("web", "worker") for name in catalogue.NAMES}


def test_the_object_store_publishes_s3_only_and_only_to_this_machine() -> None:
    store = compose()["services"]["seaweedfs"]
    assert store["ports"] == ["127.0.0.1:8333:8333"]
    assert {"-master.telemetry=false", "-webdav=false", "-admin.ui=false"} <= set(store["command"])
    assert "-s3.allowedOrigins=${SITE_URL:-http://localhost:8080}" in store["command"]
    # Without keys of its own it would let everybody read.
    assert set(store["environment"]) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def test_browsers_and_containers_find_the_object_store_under_one_name() -> None:
    """The name is part of what a presigned URL signs."""
    services = compose()["services"]
    endpoint = environment_of(services["media-svc"], dotenv())["AWS_ENDPOINT_URL_S3"]
    host, port = endpoint.removeprefix("http://").split(":")
    assert host.endswith(".localhost")
    assert host in services["seaweedfs"]["networks"]["default"]["aliases"]
    assert services["seaweedfs"]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_every_service_can_be_made_with_the_settings_of_production() -> None:
    """Also where it is only migrated: a setting that is missing there would stop everything at the start."""
    values = {**dotenv(), "DUET_ENV": "production", "CF_DOMAIN": "d1.cloudfront.net", "CF_KEY_PAIR_ID": "K1"}
    migrate = compose()["services"]["migrate"]
    config = Config.from_env(environment_of(migrate, values))
    assert config.store.bucket == "duet-media"
    assert config.cdn.private_key is not None


def test_the_image_copies_every_source_folder_it_puts_on_the_path() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    (path,) = re.findall(r"PYTHONPATH=(\S+)", dockerfile)
    copied = {f"/app/{target}" for _source, target in re.findall(r"^COPY (\S+) (\S+)$", dockerfile, re.MULTILINE)}
    for folder in path.split(":"):
        assert folder == "/app" or folder in copied
        assert (ROOT / folder.removeprefix("/app").lstrip("/")).is_dir()
    allowed = (ROOT / ".dockerignore").read_text()
    for source, _target in re.findall(r"^COPY (\S+) (\S+)$", dockerfile, re.MULTILINE):
        assert f"!{source}" in allowed


class Containers:
    """The containers of our image as processes, told apart by the names that Compose gives them."""

    def __init__(self, folder: Path, database_url: str, amqp_url: str, swift: Swift) -> None:
        self.folder = folder
        store = swift.environment(f"compose-{uuid.uuid4().hex}")
        values = {**dotenv(), **store, "LOG_LEVEL": "warning"}
        self.services = ours()
        self.ports = {name: free_port() for name in self.services}
        self.environments = {}
        for name, service in self.services.items():
            env = environment_of(service, values)
            env["DATABASE_URL"], env["BUS_URL"] = database_url, amqp_url
            for setting, value in env.items():
                host = re.fullmatch(r"http://([a-z-]+):8080", value)
                if host and setting != "SITE_URL":
                    env[setting] = f"http://127.0.0.1:{self.ports[host[1]]}"
            for setting in ("PORT", "WORKER_PORT"):
                env[setting] = str(self.ports[name])
            self.environments[name] = env | {"HOST": "127.0.0.1", "PATH": os.environ["PATH"], "WEB_WORKERS": "1"}

    def start(self, name: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "deploy.cli", *self.services[name]["command"]],
                env=self.environments[name], stdout=out, stderr=subprocess.STDOUT, cwd=ROOT, start_new_session=True,
            )  # fmt: skip

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def readiness(self, name: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}/readyz", timeout=5) as answer:
                return {"http": answer.status, **json.load(answer)}
        except urllib.error.HTTPError as error:
            with error:
                return {"http": error.code}
        except OSError:
            return {"http": 0}


@pytest.fixture
def containers(tmp_path: Path, database_url: str, amqp_url: str, swift: Swift) -> Containers:
    return Containers(tmp_path, database_url, amqp_url, swift)


def test_each_command_starts_with_its_environment_becomes_ready_and_stops_on_sigterm(containers: Containers) -> None:
    for once in ONCE:
        assert containers.start(once).wait(90) == 0, containers.log(once)
    names = [name for name in containers.services if name not in ONCE]
    with ExitStack() as stack:
        running = {}
        for name in names:
            running[name] = containers.start(name)
            stack.callback(_end, running[name])
        for name in names:
            deadline = time.monotonic() + 90
            while containers.readiness(name)["http"] != 200:
                assert running[name].poll() is None, containers.log(name)
                assert time.monotonic() < deadline, containers.log(name)
                time.sleep(0.1)
            checks = containers.readiness(name)["checks"]
            assert checks["database"] == "ok"
            assert ("store" in checks) == name.startswith("media-")
            assert ("bus" in checks) == name.endswith("-worker")
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        statuses = {name: process.wait(90) for name, process in running.items()}
        assert set(statuses.values()) == {0}, statuses


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
