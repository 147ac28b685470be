"""Routing: every public path of the other services is passed on to its owner with a signed identity."""

from __future__ import annotations

from flask import Blueprint as FlaskBlueprint
from flask import Response, request

from chassis import auth
from chassis.auth import Signer
from chassis.upstream import Network
from chassis.web.strictjson import Blueprint
from gateway.proxy.forward import Forwarder
from gateway.proxy.table import heads, read_path

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def blueprint(network: Network, signer: Signer) -> Blueprint:
    """The routes to the services; register it after the gateway's own.

    It reads what the app's `authenticate` left behind: `g.identity` (chassis.auth.Identity of a signed-in user; None or
    an anonymous one otherwise) and `g.session`, of which only `.version` is used. Paths that need a sign-in are refused
    here with 401; roles are the service's business. Transports are looked up at the first request, so the network may
    be filled later.

    It also guards the whole app: a path with empty, `.` or `..` segments, encoded slashes or control characters is 404
    before anything else looks at it.
    """
    proxy = Blueprint("proxy", __name__)
    forwarder = Forwarder(network, signer)

    @proxy.before_app_request
    def refuse_ambiguous_paths() -> None:
        read_path(request.environ)

    # Whether a path needs a sign-in is said by the table, and which role by its owner.
    @auth.public
    def forward(rest: str = "") -> Response:
        """Passed on to the service that owns the path."""
        return forwarder.forward(request)

    for number, head in enumerate(heads()):
        for suffix, rule in (("", head), ("_below", f"{head}/<path:rest>")):
            # Not through flask-smorest: the owners document these paths.
            FlaskBlueprint.add_url_rule(
                proxy, rule, f"forward_{number}{suffix}", forward, methods=METHODS, provide_automatic_options=False
            )
    return proxy
