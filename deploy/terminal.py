"""`duet chat`: a conversation with a companion in the terminal, streamed, through the public API only."""

from __future__ import annotations

import mimetypes
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import requests

from deploy.client import Client, Refused, Stream, StreamEvent

REPLY_SECONDS = 45.0
HINT = "/photo FILE [caption] sends a picture or a video."


class TerminalError(RuntimeError):
    """Why the conversation can't be held, in words."""


_CHOOSING = {"choosing_image": "is choosing a photo", "choosing_video": "is choosing a video"}


class _Screen:
    """Prints what the stream brings, and tells when the reply is complete."""

    def __init__(self, conversation_id: str, name: str) -> None:
        self._conversation_id = conversation_id
        self._name = name
        self._shown = ""
        self.replied = threading.Event()
        self.free_text: int | None = None

    def handle(self, event: StreamEvent) -> None:
        data = event.data
        if event.name == "quota.changed" and data["conversation_id"] == self._conversation_id:
            self.free_text = None if data["premium_active"] else data["free_remaining"]["text"]
        if not isinstance(data, dict) or data.get("conversation_id") != self._conversation_id:
            return
        if event.name == "reply.started":
            self._shown = ""
        elif event.name == "reply.delta":
            self._start_line()
            self._shown += data["text"]
            self._write(data["text"])
        elif event.name == "reply.progress" and data["stage"] in _CHOOSING:
            self._write(click.style(f"{self._name} {_CHOOSING[data['stage']]} …\n", dim=True))
        elif event.name == "message.created" and data["sender"] == "ai":
            self._finish(_as_line(data))
        elif event.name == "reply.failed":
            self._write(click.style(f"\n{data['text']}\n", fg="yellow"))
            self.replied.set()

    def _finish(self, text: str) -> None:
        self._start_line()
        # The streamed part is a beginning of the final text; what was lost on the way is written now.
        self._write(text[len(self._shown) :] if text.startswith(self._shown) else f"\n{text}")
        self._write("\n")
        self._shown = ""
        self.replied.set()

    def _start_line(self) -> None:
        if not self._shown:
            self._write(click.style(f"{self._name}: ", fg="magenta", bold=True))

    @staticmethod
    def _write(text: str) -> None:
        click.echo(text, nl=False)


def talk(base: str, email: str, password: str, companion: str | None) -> None:
    """Hold the conversation until `/quit`, the end of the input or Ctrl-C. Raises TerminalError in words."""
    client = Client(base)
    try:
        client.login(email, password)
        chosen = _choose(client, companion)
        conversation = client.open(chosen["id"])
        stream = client.stream()
    except Refused as refusal:
        raise TerminalError(str(refusal.problem.get("detail") or refusal)) from None
    except requests.RequestException:
        raise TerminalError(f"nothing answers at {base}: start it with `make run` or `duet run`") from None
    screen = _Screen(conversation["id"], chosen["name"])
    stream.follow(screen.handle)
    click.echo(f"You are talking to {chosen['name']}, {chosen['age']}. {chosen['bio']}")
    click.echo(click.style(f"{chosen['name']} is an AI. {HINT} Leave with /quit.", dim=True))
    _show_recent(client, conversation["id"], chosen["name"])
    try:
        _converse(client, conversation["id"], screen)
    finally:
        _leave(client, stream)


def _converse(client: Client, conversation_id: str, screen: _Screen) -> None:
    permit: dict[str, Any] | None = None
    while True:
        text = _ask()
        if text is None or text in ("/quit", "/exit"):
            return
        if not text:
            continue
        screen.replied.clear()
        try:
            post = _as_post(client, conversation_id, text)
            if permit is None:
                permit = client.permit()
            try:
                post(permit["permit_id"])
            except Refused as refusal:
                if refusal.code != "permit-invalid":
                    raise
                permit = client.permit()
                post(permit["permit_id"])
        except Refused as refusal:
            click.echo(click.style(str(refusal.problem.get("detail") or refusal), fg="yellow"))
            continue
        except (TerminalError, OSError) as error:
            click.echo(click.style(str(error), fg="yellow"))
            continue
        if not screen.replied.wait(REPLY_SECONDS):
            click.echo(click.style("No reply yet; it will be here when you come back.", fg="yellow"))
        if screen.free_text is not None and screen.free_text <= 3:
            click.echo(click.style(f"({screen.free_text} free messages left with this companion)", dim=True))


def _as_post(client: Client, conversation_id: str, text: str) -> Callable[[str], Any]:
    """What sends the line under a permit: a text, or the picture or video of `/photo FILE caption`, uploaded first."""
    if text.split(" ", 1)[0] not in ("/photo", "/video"):
        return partial(client.send, conversation_id, text)
    path, caption = _file_and_caption(text.partition(" ")[2])
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    click.echo(click.style("It is being uploaded and checked …", dim=True))
    upload = client.upload(path.read_bytes(), content_type, conversation_id)
    if upload["status"] != "completed":
        raise TerminalError(str((upload["error"] or {}).get("detail") or f"the upload is {upload['status']}"))
    return lambda permit_id: client.send_media(conversation_id, upload, caption, permit_id)


def _file_and_caption(text: str) -> tuple[Path, str | None]:
    """The longest beginning that is a file, and the rest. Raises TerminalError."""
    words = text.split(" ")
    for count in range(len(words), 0, -1):
        path = Path(" ".join(words[:count]).strip("'\"")).expanduser()
        if path.is_file():
            return path, " ".join(words[count:]).strip() or None
    raise TerminalError(f"there is no such file. {HINT}")


def _as_line(message: dict[str, Any]) -> str:
    """A message in one line: its text, for media after its kind."""
    if message["kind"] == "text":
        return message["text"] or ""
    label = f"[{message['kind'].capitalize()}]"
    if message["media_removed"]:
        return f"{label} (removed)"
    return f"{label} {message['text']}" if message["text"] else label


def _choose(client: Client, wanted: str | None) -> dict[str, Any]:
    items: list[dict[str, Any]] = client.call("GET", "/v1/companions", params={"q": wanted} if wanted else None)[
        "items"
    ]
    if not items:
        raise TerminalError(f"there is no companion {wanted!r}" if wanted else "there are no companions yet: duet seed")
    if len(items) == 1 or not sys.stdin.isatty():
        return items[0]
    for number, item in enumerate(items, 1):
        click.echo(f"  {number}  {item['name']}, {item['age']}: {item['bio']}")
    chosen: int = click.prompt("Whom would you like to talk to", type=click.IntRange(1, len(items)), default=1)
    return items[chosen - 1]


def _show_recent(client: Client, conversation_id: str, name: str) -> None:
    for message in client.call("GET", f"/v1/conversations/{conversation_id}/messages", params={"limit": 6})["items"]:
        who = click.style(f"{name}: ", fg="magenta") if message["sender"] == "ai" else click.style("You: ", fg="cyan")
        click.echo(who + ("(deleted)" if message["deleted"] else _as_line(message)))


def _ask() -> str | None:
    try:
        return input(click.style("You: ", fg="cyan", bold=True) if sys.stdin.isatty() else "").strip()
    except (EOFError, KeyboardInterrupt):
        return None


def _leave(client: Client, stream: Stream) -> None:
    stream.close()
    try:
        client.call("POST", "/v1/auth/logout")
    except (Refused, requests.RequestException):
        click.echo("(could not sign out: the platform is gone)", err=True)
