"""RabbitMQ servers as the tests and benches use them: one that somebody else runs, and one in a container."""

import atexit
import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

import pika
import pika.exceptions
import requests

from deploy.ports import LOOPBACK, free_ports
from deploy.watchdog import Watchdog

START_SECONDS = 90.0
CTL_SECONDS = 60.0


class RabbitMQError(RuntimeError):
    """No usable RabbitMQ, or one that cannot do what was asked; the message says what to do."""


class RabbitMQ:
    """A server somebody else runs: `url` leads to it, `description` is a sentence that says which one it is.

    Tests are kept apart by virtual hosts, which `new_vhost` makes through the management API or a given rabbitmqctl.
    """

    def __init__(self, url: str, description: str, management_url: str, ctl: Callable[..., str] | None = None) -> None:
        self.url = url
        self.description = description
        self.management_url = management_url
        self._ctl = ctl
        self._vhosts: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def new_vhost(self) -> str:
        """Make an empty virtual host and return its AMQP URL. Raises RabbitMQError if the server does not let us."""
        name = f"duet-{uuid.uuid4().hex}"
        user = urlsplit(self.url).username or "guest"
        if self._ctl is not None:
            self._ctl("add_vhost", name)
            self._ctl("set_permissions", "-p", name, user, ".*", ".*", ".*")
        else:
            self._manage("PUT", f"vhosts/{name}")
            rights = {"configure": ".*", "write": ".*", "read": ".*"}
            self._manage("PUT", f"permissions/{name}/{quote(user, safe='')}", rights)
        self._vhosts.add(name)
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop_vhost(self, url: str) -> None:
        """Remove a virtual host that `new_vhost` made, with everything in it."""
        name = urlsplit(url).path.removeprefix("/")
        self._vhosts.remove(name)
        if self._ctl is not None:
            self._ctl("delete_vhost", name)
        else:
            self._manage("DELETE", f"vhosts/{name}")

    def version(self) -> str:
        """For example `3.10.8`."""
        if self._ctl is not None:
            return self._ctl("version").strip()
        return str(self._manage("GET", "overview")["rabbitmq_version"])

    def stop(self) -> None:
        """Remove the virtual hosts that were made; the server itself is not ours to stop."""
        for name in list(self._vhosts):
            self.drop_vhost(f"/{name}")

    def start(self) -> None:
        """Start a server that was stopped or killed, with its data. Only for a private node."""
        raise RabbitMQError(f"Only a private node can be started, this is {self.description}.")

    def kill(self) -> None:
        """End the server at once, as a crash would. Only for a private node."""
        raise RabbitMQError(f"Only a private node can be killed, this is {self.description}.")

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this server and return what it prints."""
        if self._ctl is None:
            raise RabbitMQError(f"No rabbitmqctl reaches {self.description}.")
        return self._ctl(*arguments)

    def _manage(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        address = f"{self.management_url}/api/{path}"
        try:
            answer = requests.request(method, address, json=body, timeout=30)
            answer.raise_for_status()
        except requests.RequestException as error:
            # the address holds a password
            status = error.response.status_code if error.response is not None else type(error).__name__
            raise RabbitMQError(f"The management API of RabbitMQ failed: {method} {path}: {status}.") from None
        return dict(json.loads(answer.content)) if answer.content else {}


class ContainerServer(RabbitMQ):
    """RabbitMQ in a container of a Docker engine, removed at the end of this process, however that ends."""

    IMAGE = "rabbitmq:3.13.7-management"

    def __init__(self) -> None:
        self._name = f"duet-rabbitmq-{uuid.uuid4().hex[:12]}"
        amqp, management = self._ports = free_ports(2)
        self._watchdog = Watchdog()
        super().__init__(
            f"amqp://guest:guest@{LOOPBACK}:{amqp}/%2F",
            f"RabbitMQ in a Docker container of {self.IMAGE}",
            f"http://guest:guest@{LOOPBACK}:{management}",
        )
        published = ("-p", f"{LOOPBACK}:{amqp}:5672", "-p", f"{LOOPBACK}:{management}:15672")
        # in the foreground: the client passes a signal on to the container, so that the watchdog can stop it
        self._client = subprocess.Popen(
            ["docker", "run", "--rm", "--name", self._name, *published, self.IMAGE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._watchdog.guard(self._client.pid, signal.SIGTERM)
        atexit.register(self.stop)
        deadline = time.monotonic() + 5 * START_SECONDS  # the image may have to be fetched
        while not accepts_login(self.url):
            if self._client.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RabbitMQError(f"Docker could not start {self.IMAGE}.")
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop and remove the container."""
        self._watchdog.close()
        self._client.wait()
        atexit.unregister(self.stop)

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl inside the container."""
        return run_ctl(["docker", "exec", self._name, "rabbitmqctl"], arguments, dict(os.environ))


def accepts_login(url: str) -> bool:
    """Whether a RabbitMQ answers at `url` and accepts its user and password."""
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.stack_timeout = parameters.blocked_connection_timeout = 3.0
    parameters.connection_attempts = 1
    try:
        pika.BlockingConnection(parameters).close()
    except (pika.exceptions.AMQPError, OSError):
        return False
    return True


def run_ctl(command: list[str], arguments: tuple[str, ...], environment: dict[str, str]) -> str:
    """Run a rabbitmqctl and return what it prints. Raises RabbitMQError with what it says when it fails."""
    ran = subprocess.run(
        [*command, "-q", *arguments], check=False, capture_output=True, text=True, env=environment, timeout=CTL_SECONDS
    )
    if ran.returncode != 0:
        raise RabbitMQError(
            f"rabbitmqctl {arguments[0]} failed ({ran.returncode}): {(ran.stderr + ran.stdout).strip()}"
        )
    return ran.stdout
