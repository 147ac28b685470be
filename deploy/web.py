"""What gunicorn loads: `deploy.web:load('chat-svc')` gives the app of one service."""

from __future__ import annotations

import os

from flask import Flask

from chassis import logs
from chassis.service import Service
from deploy import catalogue
from deploy.gunicorn_worker import readable_bodies

EXTENSION = "duet_service"


def load(name: str) -> Flask:
    """The app of the service, made from the environment; its service value hangs in `app.extensions`."""
    logs.configure(os.environ.get("LOG_LEVEL") or "info")
    service = catalogue.create(name, os.environ)
    service.app.extensions[EXTENSION] = service
    setattr(service.app, "wsgi_app", readable_bodies(service.app.wsgi_app))  # noqa: B010 - a method, to type checkers
    return service.app


def service_of(app: Flask) -> Service:
    """The service value behind an app that `load` made."""
    service = app.extensions[EXTENSION]
    if not isinstance(service, Service):
        raise TypeError("this app was not loaded by deploy.web")
    return service
