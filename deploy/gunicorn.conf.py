"""gunicorn's settings for every service: gevent for the gateway's many open streams, threads for the others.

DUET_SERVICE says which service this is; it is set by `duet web`.
"""

# ruff: noqa: E402 - the patch has to come before anything that opens a socket
import os

SERVICE = os.environ["DUET_SERVICE"]
EVENTED = SERVICE == "gateway"

if EVENTED:
    import gevent
    from gevent import monkey

    monkey.patch_all()
    from psycogreen.gevent import patch_psycopg

    patch_psycopg()

import signal
from typing import Any

from deploy.gunicorn_worker import Refusing
from deploy.web import service_of

if EVENTED:
    from gunicorn.workers.ggevent import GeventWorker as GunicornWorker
else:
    from gunicorn.workers.gthread import ThreadWorker as GunicornWorker


class Worker(Refusing, GunicornWorker):
    """gunicorn's worker with our refusals."""


bind = f"{os.environ.get('HOST') or '0.0.0.0'}:{os.environ.get('PORT') or '8080'}"  # noqa: S104 - a container's port
workers = int(os.environ.get("WEB_WORKERS") or 2)
worker_class = Worker
worker_connections = 5_000
threads = 1 if EVENTED else int(os.environ.get("WEB_THREADS") or 16)
# Connections of neighbours are kept long: one closed at the wrong moment costs a request.
keepalive = 1 if EVENTED else 75
graceful_timeout = 8
timeout = 60
control_socket_disable = True
preload_app = False
accesslog = None
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - heartbeats must not wait for a disk
forwarded_allow_ips = ""


def post_worker_init(worker: Any) -> None:
    """Start what runs beside requests (the stream hub), and end it at once when told to stop."""
    service = service_of(worker.app.callable)
    service.start_web()
    if not EVENTED:
        return
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: Any) -> None:
        # Streams have to end before gunicorn waits for them. Handlers run in the hub of gevent, where nothing may wait,
        # not even for a thread to start.
        gevent.spawn(service.stop_web)
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)


def worker_exit(server: Any, worker: Any) -> None:
    """End what `post_worker_init` began."""
    app = getattr(worker.app, "callable", None)
    if app is not None:
        service = service_of(app)
        service.stop_web()
        service.database.close()
