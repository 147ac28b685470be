"""A WSGI app behind a real HTTP server."""

import threading
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


class Served:
    """A WSGI app over HTTP/1.1 with kept-alive connections, each on a thread."""

    def __init__(self, app: Any) -> None:
        class Handler(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_request(self, *_: Any) -> None:
                """Nothing to standard error."""

        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
        self.server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded server
        self.url = f"http://127.0.0.1:{self.server.port}"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()
