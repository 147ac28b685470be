"""`duet run` as a process of its own, as `make run` starts it, for tests that go through the gateway."""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import requests

from deploy.client import Client
from deploy.ports import free_port
from deploy.watchdog import Watchdog

PASSWORD = "correct horse battery staple"


class Host:
    """`duet run` as a process. `settings` is its environment besides PORT and DUET_HOME; no demo media by default."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {"DEMO_MEDIA": "off", **settings}
        self.process: subprocess.Popen[str] | None = None
        self._watchdog = Watchdog()
        self.printed = ""

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, "PORT": str(self.port), "DUET_HOME": str(self.folder / "home"), **self.settings}

    def start(self) -> "Host":
        """Start and wait for the greeting, which it prints once everything serves."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.out = (self.folder / "printed").open("a+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "run"],
            env=self.environment(),
            stdout=self.out,
            stderr=self.out,
            text=True,
        )
        self._watchdog.guard(self.process.pid, signal.SIGTERM)  # a killed test run leaves nothing behind
        deadline = time.monotonic() + 120
        while "Ctrl-C stops it." not in self._read():
            assert self.process.poll() is None, self._read()
            assert time.monotonic() < deadline, self._read()
            time.sleep(0.02)
        return self

    def _read(self) -> str:
        self.printed = (self.folder / "printed").read_text()
        return self.printed

    def command(self, *arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
        """Run `duet …` beside it."""
        return subprocess.run(
            [sys.executable, "-m", "deploy.cli", *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            input=options.get("input"),
        )

    def interrupt(self) -> int:
        """Ctrl-C; the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(90)
        self._ended()
        self.out.close()
        self._read()
        return status

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self._ended()
        self.out.close()

    def _ended(self) -> None:
        self._watchdog.close()
        self.process = None

    def truncate_printed(self) -> None:
        (self.folder / "printed").write_text("")

    def client(self) -> Client:
        return Client(self.url, timeout=60.0, proves_work=self.settings.get("DUET_BOT_CHECK") != "off")

    def newcomer(self) -> Client:
        """Somebody who has just registered."""
        return self.client().register(f"{uuid.uuid4().hex}@example.org", PASSWORD)

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=60)
