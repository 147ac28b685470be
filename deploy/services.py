"""Finds a RabbitMQ for tests and benches, or starts one; `python -m deploy.services` runs it until Ctrl-C."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from deploy.rabbitmq import ContainerServer, RabbitMQ, RabbitMQError, accepts_login, run_ctl
from deploy.rabbitmq_node import PrivateNode

__all__ = ["RabbitMQ", "RabbitMQError", "find_rabbitmq"]

STANDARD_URL = "amqp://guest:guest@127.0.0.1:5672/%2F"
# the scripts themselves: Debian's programs in /usr/sbin change the user first
PROGRAM_FOLDERS = (Path("/usr/lib/rabbitmq/bin"), Path("/opt/homebrew/sbin"), Path("/usr/local/sbin"))
INSTALL_SECONDS = 600.0
ADVICE = (
    "Do one of these: set AMQP_URL (and AMQP_MANAGEMENT_URL, if its management API is not on port 15672); "
    "install RabbitMQ (`sudo apt-get install rabbitmq-server`); start Docker."
)


def find_rabbitmq(folder: Path) -> RabbitMQ:
    """A running RabbitMQ, in this order of preference; `folder` holds the data of one that is started here.

    `AMQP_URL`; a server on port 5672 that lets guest in; a private node from an installed `rabbitmq-server`; the same
    after installing it with apt, where we are root; a container. A server that does not let us make virtual hosts is of
    no use, as tests could not be kept apart. Raises RabbitMQError that says what to do.
    """
    given = os.environ.get("AMQP_URL")
    if given:
        server = _running_server(given, f"RabbitMQ {{version}} of AMQP_URL at {urlsplit(given).hostname}")
        if server is None:
            raise RabbitMQError(
                "AMQP_URL is set, but nothing there accepts its login and lets us make virtual hosts through the "
                "management API (enable the plugin rabbitmq_management; AMQP_MANAGEMENT_URL says where it is)."
            )
        return server
    server = _running_server(STANDARD_URL, "RabbitMQ {version} found running on the standard port 5672")
    if server is not None:
        return server
    programs = _programs() or _install_with_apt()
    if programs is not None:
        return _private_node(folder, programs)
    if _docker_runs():
        return ContainerServer()
    raise RabbitMQError(f"There is no RabbitMQ and no way to start one. {ADVICE}")


def _running_server(url: str, description: str) -> RabbitMQ | None:
    """The server at `url`, if it accepts the login and we can make a virtual host there."""
    if not accepts_login(url):
        return None
    parts = urlsplit(url)
    credentials = f"{parts.username or 'guest'}:{parts.password or 'guest'}"
    management = os.environ.get("AMQP_MANAGEMENT_URL", f"http://{credentials}@{parts.hostname}:15672").rstrip("/")
    candidates = [RabbitMQ(url, "", management)]
    program = shutil.which("rabbitmqctl", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if program is not None and parts.hostname in {"127.0.0.1", "localhost", "::1"}:
        environment = dict(os.environ)
        candidates.append(RabbitMQ(url, "", management, lambda *what: run_ctl([program], what, environment)))
    for server in candidates:
        try:
            made = server.new_vhost()
            seen = accepts_login(made)  # else the management API or rabbitmqctl belongs to another server
            server.drop_vhost(made)
            server.description = description.format(version=server.version())
        except RabbitMQError:
            continue
        if seen:
            return server
    return None


def _programs() -> Path | None:
    """The folder of an installed rabbitmq-server."""
    on_path = shutil.which("rabbitmq-server")
    folders = [*PROGRAM_FOLDERS, *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "rabbitmq-server").exists()), None)


def _private_node(folder: Path, programs: Path) -> PrivateNode:
    attempts = 3  # somebody else may take a port between the choice and the start
    for attempt in range(attempts):
        own = folder / f"node-{attempt}"
        node = PrivateNode(own, programs)
        try:
            node.start()
        except RabbitMQError:
            if attempt == attempts - 1 or "eaddrinuse" not in _printed(own):
                raise
            continue
        return node
    raise AssertionError("the last attempt returns or raises")


def _printed(node_folder: Path) -> str:
    files = [node_folder / "printed", *(node_folder / "log").glob("*.log")]
    return "".join(file.read_text(errors="replace") for file in files if file.exists())


def _install_with_apt() -> Path | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    with (Path(tempfile.gettempdir()) / "duet-install.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several test processes one installs, the others find it installed
        return _programs() or _apt_install()


def _apt_install() -> Path | None:
    print("Installing rabbitmq-server with apt-get, once ...", file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-y", "--no-install-recommends", "rabbitmq-server"]
    for arguments in (install, ["update"], install):
        ran = subprocess.run(
            ["apt-get", "-o", "DPkg::Lock::Timeout=120", "-q", *arguments],
            check=False, env=environment, timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if arguments is install and ran.returncode == 0:
            return _programs()
    print(f"That failed:\n{ran.stdout[-1000:]}", file=sys.stderr, flush=True)
    return None


def _docker_runs() -> bool:
    if shutil.which("docker") is None:
        return False
    asked = subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=30)
    return asked.returncode == 0


def main() -> None:
    """Run a RabbitMQ in the foreground with its data in a folder that is removed at the end."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    with tempfile.TemporaryDirectory(prefix="duet-rabbitmq-") as folder, find_rabbitmq(Path(folder)) as server:
        print(f"{server.description}\nAMQP_URL={server.url}\nCtrl-C ends it.", flush=True)
        ended.wait()


if __name__ == "__main__":
    try:
        main()
    except RabbitMQError as failure:
        sys.exit(str(failure))
