"""The command line `duet`."""

from __future__ import annotations

import os
import sys

import click

from chassis import logs
from chassis.config import ConfigError
from chassis.errors import DomainError
from chassis.ids import uuid7
from deploy import catalogue, embedded, keys, media, migration, terminal, worker
from deploy import seed as demo
from deploy.attaching import attach
from deploy.home import DEFAULT_PORT, DEMO_EMAIL, Home
from deploy.postgres import PostgresError

MEDIA_SECONDS = 300.0
"""How long `duet seed` waits for the worker of media-svc to process what it put there."""
SERVICE = click.argument("service", type=click.Choice(catalogue.NAMES))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Duet: adults talk with AI companions, and with each other."""


@cli.command()
def run() -> None:
    """Start the whole platform in one process (PORT, DUET_HOME)."""
    embedded.run(os.environ)


@cli.command()
@SERVICE
def web(service: str) -> None:
    """Serve one service's HTTP with gunicorn (what the image runs)."""
    os.environ["DUET_SERVICE"] = service
    config = os.path.join(os.path.dirname(__file__), "gunicorn.conf.py")
    program = [sys.executable, "-m", "gunicorn", "--config", config, f"deploy.web:load('{service}')"]
    os.execv(sys.executable, program)  # noqa: S606 - gunicorn takes this process's place and signals


@cli.command(name="worker")
@SERVICE
def worker_command(service: str) -> None:
    """Run one service's worker: outbox, events, jobs."""
    worker.run(service, os.environ)


@cli.command()
@click.argument("services", nargs=-1, type=click.Choice(catalogue.NAMES))
def migrate(services: tuple[str, ...]) -> None:
    """Create and migrate databases and declare queues, of all services or those named."""
    for line in migration.prepare(os.environ, services or catalogue.NAMES):
        click.echo(line)


@cli.command(name="keys")
def print_keys() -> None:
    """Print fresh keys and passwords for docker-compose.yml (`duet keys > .env`)."""
    for line in keys.env_lines():
        click.echo(line)


@cli.command()
@click.option("--password", help="The demo user's password; default: the generated one of DUET_HOME.")
def seed(password: str | None) -> None:
    """Make the demo companions, their media and the demo user where they are missing."""
    services = {name: attach(name, os.environ) for name in ("ai-svc", "gateway", "media-svc")}
    password = password or Home.of(os.environ).secrets()["demo_password"]
    made = demo.seed(services, password)
    click.echo(f"{made} companions made. Demo sign-in: {DEMO_EMAIL} / {password}")
    media = demo.demo_media(services, os.environ)
    if media is not None:
        shown, left = media.show(MEDIA_SECONDS)
        click.echo(f"{shown} pictures and clips shown" + (f", {left} still to come: run it again." if left else "."))


@cli.command("create-admin")
@click.argument("email")
def create_admin(email: str) -> None:
    """Make EMAIL an admin: promotes the account, or makes one and prints a one-time password."""
    user_id, password = attach("gateway", os.environ).usecases.admin.create_admin(email)
    if password is None:
        click.echo(f"{email} is an admin now.")
    else:
        click.echo(f"{email} was made, as an admin, with the password {password} (shown this once).")
    click.echo(f"id {user_id}")


@cli.group()
def grant() -> None:
    """Give somebody something."""


@grant.command("premium")
@click.argument("email")
@click.argument("days", type=click.IntRange(1, 3660))
def grant_premium(email: str, days: int) -> None:
    """Give EMAIL premium for DAYS days, from now or from the end of what there is."""
    user_id = attach("gateway", os.environ).usecases.accounts.find_by_email(email)
    if user_id is None:
        raise click.ClickException(f"there is no account {email}")
    until = attach("quota-svc", os.environ).usecases.premium.grant(uuid7(), user_id, days, "command-line")
    click.echo(f"{email} is premium until {until:%Y-%m-%d %H:%M} UTC.")


@cli.command()
@click.option("--url", help="The gateway; default: the platform that `duet run` started (PORT).")
@click.option("--email", help=f"Default: {DEMO_EMAIL}.")
@click.option("--password", envvar="DUET_PASSWORD", help="Default: the demo user's.")
@click.option("--companion", help="Whom to talk to; default: asks.")
def chat(url: str | None, email: str | None, password: str | None, companion: str | None) -> None:
    """Talk to a companion in the terminal, through the public API."""
    base = url or f"http://127.0.0.1:{os.environ.get('PORT') or DEFAULT_PORT}"
    if email is None:
        email, password = DEMO_EMAIL, password or Home.of(os.environ).secrets()["demo_password"]
    if password is None:
        password = click.prompt("Password", hide_input=True)
    terminal.talk(base.rstrip("/"), email, password, companion)


cli.add_command(media.media)


def main() -> None:
    """The console script: known failures are one line on stderr."""
    logs.configure("error")
    try:
        cli.main(prog_name="duet", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (ConfigError, PostgresError, terminal.TerminalError) as error:
        click.echo(f"duet: {error}", err=True)
        sys.exit(2)
    except DomainError as error:
        click.echo(f"duet: {error.detail}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
