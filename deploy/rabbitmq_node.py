"""A RabbitMQ node of our own from the installed programs, which ends with the process that started it."""

import atexit
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from deploy.ports import LOOPBACK, free_ports
from deploy.rabbitmq import START_SECONDS, RabbitMQ, RabbitMQError, accepts_login, run_ctl
from deploy.watchdog import Watchdog

STOP_SECONDS = 30.0


class PrivateNode(RabbitMQ):
    """A node of an installed RabbitMQ with data, name, cookie, ports and port mapper of its own in `folder`.

    It ends with this process, however that ends.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder.absolute()
        self.programs = programs
        self._ports = free_ports(4)
        self._watchdog = Watchdog()
        self._node: subprocess.Popen[bytes] | None = None
        self._port_mapper: subprocess.Popen[bytes] | None = None
        super().__init__(
            f"amqp://guest:guest@{LOOPBACK}:{self._ports[0]}/%2F",
            "private RabbitMQ node",
            f"http://guest:guest@{LOOPBACK}:{self._ports[1]}",
        )
        self._environment = self._make_environment()

    def start(self) -> None:
        """Start the node, with the data of the time before; returns when it serves."""
        if self._node is not None and self._node.poll() is None:
            return
        atexit.register(self.stop)
        if self._port_mapper is None or self._port_mapper.poll() is not None:
            self._port_mapper = self._spawn([_port_mapper(), "-port", str(self._ports[3]), "-address", LOOPBACK])
            self._watchdog.guard(self._port_mapper.pid, signal.SIGKILL)
        self._node = self._spawn([self.programs / "rabbitmq-server"])
        self._watchdog.guard(self._node.pid, signal.SIGTERM)
        deadline = time.monotonic() + START_SECONDS
        while not self._serves():
            if self._node.poll() is not None or time.monotonic() > deadline:
                printed = (self.folder / "printed").read_text(errors="replace")[-2000:]
                self.stop()
                raise RabbitMQError(f"The private RabbitMQ node did not start in {self.folder}:\n{printed}")
            time.sleep(0.1)
        self.description = f"private RabbitMQ {self.version()} node started from the installed package"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()  # at the end of a `with` the data is of no use any more, and an orderly stop takes 6 s
        self.stop()

    def kill(self) -> None:
        """End the node with SIGKILL; `start` brings it back on the same ports, with its virtual hosts.

        It loses a quorum queue whose name is not on disk yet, which then answers with timeouts: see `settle`.
        """
        self._end_node(signal.SIGKILL)

    def settle(self, url: str) -> None:
        """Wait until every quorum queue of a virtual host is on disk, mostly a second after it was declared.

        Raises RabbitMQError when that takes too long.
        """
        vhost = urlsplit(url).path.removeprefix("/")
        listed = self.ctl("list_queues", "-p", vhost, "--no-table-headers", "type", "name").splitlines()
        queues = [name for kind, _tab, name in (line.partition("\t") for line in listed) if kind == "quorum"]
        # Erlang writes an atom with its length before it.
        atoms = [f"{vhost}_{queue}".encode() for queue in queues]
        name = self._environment["RABBITMQ_NODENAME"]
        kept = self.folder / "mnesia" / name / "quorum" / name / "names.dets"
        deadline = time.monotonic() + START_SECONDS
        while not all(bytes([len(atom)]) + atom in kept.read_bytes() for atom in atoms):
            if time.monotonic() > deadline:
                raise RabbitMQError(f"The queues {queues} did not get to the disk within {START_SECONDS:g} s.")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the node and its port mapper; the data stays in the folder."""
        self._end_node(signal.SIGTERM)
        mapper, self._port_mapper = self._port_mapper, None
        if mapper is not None:
            mapper.kill()
            mapper.wait()
        self._vhosts.clear()
        self._watchdog.close()
        atexit.unregister(self.stop)

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node and return what it prints. Raises RabbitMQError with what it says."""
        return run_ctl([str(self.programs / "rabbitmqctl")], arguments, self._environment)

    def _end_node(self, how: signal.Signals) -> None:
        node, self._node = self._node, None
        if node is None:
            return
        if node.poll() is None:
            node.send_signal(how)
            try:
                node.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                node.kill()
                node.wait()
        self._watchdog.forget(node.pid)

    def _serves(self) -> bool:
        try:
            self._manage("GET", "overview")
        except RabbitMQError:
            return False
        return accepts_login(self.url)

    def _spawn(self, command: list[str | Path]) -> subprocess.Popen[bytes]:
        with (self.folder / "printed").open("ab") as printed:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self.folder,
                start_new_session=True,
            )

    def _make_environment(self) -> dict[str, str]:
        amqp, management, distribution, port_mapper = self._ports
        here = self.folder
        (here / "home").mkdir(parents=True, exist_ok=True)
        (here / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (here / "rabbitmq.conf").write_text(
            f"management.tcp.ip = {LOOPBACK}\nmanagement.tcp.port = {management}\n"
            "management_agent.disable_metrics_collector = true\ndisk_free_limit.absolute = 100MB\n"
        )
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_", "NOTIFY_"))
        }
        return inherited | {
            "HOME": str(here / "home"),  # of the Erlang cookie
            "LC_ALL": "C.UTF-8",
            "RABBITMQ_NODENAME": f"duet-{amqp}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(amqp),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(here / "mnesia"),
            "RABBITMQ_LOG_BASE": str(here / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(here / "schema"),
            "RABBITMQ_SCHEMA_DIR": str(here / "schema"),
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(here / "advanced"),
            "RABBITMQ_CONF_ENV_FILE": str(here / "no-such-file"),  # not the one of the system's own node
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RUNNING_UNDER_SYSTEMD": "1",  # the script becomes the node instead of a shell that waits for it
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(port_mapper),
        }


def _port_mapper() -> str:
    found = shutil.which("epmd")
    if found is None:
        found = next((str(path) for path in Path("/usr/lib/erlang").glob("erts-*/bin/epmd")), None)
    if found is None:
        raise RabbitMQError("RabbitMQ is installed, but Erlang's `epmd` is not to be found: install erlang-base.")
    return found
