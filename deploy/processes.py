"""Every service's web and worker as real processes on a given PostgreSQL and RabbitMQ, as containers run them.

`python -m deploy.processes` takes DATABASE_URL and BUS_URL and runs until Ctrl-C.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path

from chassis.auth import generate_keys
from chassis.config import NEIGHBOURS
from deploy import catalogue
from deploy.ports import free_port
from deploy.watchdog import Watchdog

START_SECONDS = 60.0
STOP_SECONDS = 40.0


class ProcessError(RuntimeError):
    """A process did not start; the message holds the end of its log."""


class Processes:
    """The platform as ten processes named `web:<service>` and `worker:<service>`.

    Any of them may be killed and started again by name. `services` narrows it to some of them (container tests);
    `env` is added to every process's environment, `urls` places neighbours that are not started here. With `image`
    every process is a container of it on the host's network (needs a Docker engine).
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str,
        bus_url: str,
        env: Mapping[str, str] | None = None,
        services: Iterable[str] = catalogue.NAMES,
        urls: Mapping[str, str] | None = None,
        web_workers: int = 1,
        image: str | None = None,
    ) -> None:
        self.folder = folder
        self.services = tuple(services)
        self._image = image
        self.ports = {name: free_port() for name in self.services}
        self.worker_ports = {name: free_port() for name in self.services}
        self.pems, self.jwks = generate_keys(catalogue.NAMES)
        self._watchdog = Watchdog()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        addresses = {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()} | dict(urls or {})
        self._shared = {
            "DUET_ENV": "test",
            "DATABASE_URL": database_url,
            "BUS_URL": bus_url,
            "SERVICE_PUBLIC_KEYS": self.jwks,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "WEB_WORKERS": str(web_workers),
            "HOST": "127.0.0.1",
            "MEDIA_FOLDER": str(folder / "media"),
            **{NEIGHBOURS[name]: url for name, url in addresses.items()},
            **({"SITE_URL": addresses["gateway"]} if "gateway" in addresses else {}),
            **dict(env or {}),
        }

    def place(self, service: str, url: str) -> None:
        """Say where a neighbour is that is not started here; before `start_all`."""
        self._shared[NEIGHBOURS[service]] = url

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    def environment(self, service: str, role: str = "web") -> dict[str, str]:
        """The environment of one process, complete but for PATH and the like."""
        own = {"SERVICE_KEY": self.pems[service], "DUET_SERVICE": service}
        own["PORT" if role == "web" else "WORKER_PORT"] = str(
            self.ports[service] if role == "web" else self.worker_ports[service]
        )
        return {**self._shared, **own}

    @property
    def names(self) -> list[str]:
        return [f"{role}:{service}" for service in self.services for role in ("web", "worker")]

    def migrate(self) -> None:
        """Run `duet migrate` for these services, as the deployment does before anything starts."""
        for service in self.services:
            self.command("migrate", service, service=service)

    def command(self, *arguments: str, service: str = "gateway") -> str:
        """Run `duet …` with the environment of a service; what it printed. Raises ProcessError when it fails."""
        done = subprocess.run(
            self._program(arguments, self.environment(service)),
            env={**_base(), **self.environment(service)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode != 0:
            raise ProcessError(f"duet {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start_all(self) -> None:
        """Migrate, start everything, wait until all are ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.migrate()
        for name in self.names:
            self.start(name, wait=False)
        for name in self.names:
            self.wait_ready(name)

    def start(self, name: str, *, wait: bool = True) -> None:
        role, service = name.split(":")
        with (self.folder / f"{role}-{service}.log").open("ab") as out:
            process = subprocess.Popen(
                self._program([role, service], self.environment(service, role)),
                env={**_base(), **self.environment(service, role)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running[name] = process
        self._watchdog.guard(process.pid, signal.SIGTERM)
        if wait:
            self.wait_ready(name)

    def wait_ready(self, name: str, within: float = START_SECONDS) -> None:
        """Wait for 200 on /readyz. Raises ProcessError with the end of the log."""
        deadline = time.monotonic() + within
        while True:
            if self._running[name].poll() is not None:
                raise ProcessError(f"{name} ended with {self._running[name].returncode}:\n{self.log(name)[-3000:]}")
            if self.ready(name):
                return
            if time.monotonic() > deadline:
                raise ProcessError(f"{name} is not ready after {within:g} s:\n{self.log(name)[-3000:]}")
            time.sleep(0.05)

    def ready(self, name: str) -> bool:
        return self.readiness(name)[0] == 200

    def readiness(self, name: str) -> tuple[int, dict[str, object]]:
        """The status and body of /readyz; (0, {}) where nothing answers."""
        role, service = name.split(":")
        port = (self.ports if role == "web" else self.worker_ports)[service]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                return int(answer.status), json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except (OSError, ValueError):
            return 0, {}

    def log(self, name: str) -> str:
        role, service = name.split(":")
        return (self.folder / f"{role}-{service}.log").read_text(errors="replace")

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """kill -9 of the process and its children, as a crash would."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._watchdog.forget(process.pid)

    def terminate(self, name: str) -> int:
        """SIGTERM and wait; the exit status. Raises ProcessError when it does not end in time."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise ProcessError(f"{name} did not stop within {STOP_SECONDS:g} s") from None
        self._watchdog.forget(process.pid)
        return status

    def _program(self, arguments: Iterable[str], env: Mapping[str, str]) -> list[str]:
        if self._image is None:
            return [sys.executable, "-m", "deploy.cli", *arguments]
        settings = [part for name in env for part in ("--env", name)]
        return ["docker", "run", "--rm", "--init", "--network=host", *settings, self._image, *arguments]

    def stop_all(self) -> None:
        """Stop everything, web processes first."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for name in sorted(self._running):
            if self._running[name].poll() is None:
                self.terminate(name)
        self._running = {}
        self._watchdog.close()


def _base() -> dict[str, str]:
    keep = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in keep if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


def main() -> None:
    """Run the platform as processes until Ctrl-C."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: asked.set())
    with tempfile.TemporaryDirectory(prefix="duet-processes-") as folder:
        platform = Processes(
            Path(folder), database_url=os.environ["DATABASE_URL"], bus_url=os.environ["BUS_URL"], env=_settings()
        )
        try:
            platform.start_all()
            print(f"Duet runs as {len(platform.names)} processes at {platform.url}; logs in {folder}. Ctrl-C ends it.")
            asked.wait()
        finally:
            platform.stop_all()


def _settings() -> dict[str, str]:
    prefixes = (
        "LLM_",
        "DUET_BOT_CHECK",
        "RATE_LIMIT_FACTOR",
        "TURNSTILE_",
        "ALTCHA_",
        "LOG_LEVEL",
        "AWS_",
        "CF_",
        "MEDIA_",
        "NSFW_",
    )
    return {name: value for name, value in os.environ.items() if name.startswith(prefixes)}


if __name__ == "__main__":
    main()
