"""A small client of the public REST API and its stream, for the terminal, the benchmarks and the tests."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import altcha
import requests


class Refused(Exception):
    """The API answered with a problem; `code` and `status` are the problem's."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.problem = problem
        super().__init__(f"{status} {self.code}: {problem.get('detail', '')}")


@dataclass(frozen=True)
class StreamEvent:
    """One server-sent event. `id` is None for those that may be lost."""

    name: str
    data: Any
    id: str | None


def solve(challenge: dict[str, Any]) -> str:
    """The bot token for an ALTCHA challenge, as its widget would send it."""
    parsed = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(parsed)
    if solution is None:
        raise TimeoutError("the proof of work took too long")
    return altcha.Payload(parsed, solution).to_base64()


def parse_events(lines: Iterator[str]) -> Iterator[StreamEvent]:
    """Server-sent events from their lines; comments are skipped."""
    name, ident = "message", None
    data: list[str] = []
    for line in lines:
        if line == "":
            if data:
                yield StreamEvent(name, json.loads("\n".join(data)), ident)
            name, ident, data = "message", None, []
        elif line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("id:"):
            ident = line[3:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))


@dataclass
class Client:
    """One signed-in user (or a visitor) at one gateway. Every call raises Refused for a problem answer."""

    base: str
    timeout: float = 15.0
    access_token: str | None = None
    refresh_token: str | None = None
    user: dict[str, Any] = field(default_factory=dict)
    http: requests.Session = field(default_factory=requests.Session)
    proves_work: bool = True
    """False where the platform runs with DUET_BOT_CHECK=off, which takes any token."""

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON answer; None for an empty one."""
        answer = self.raw(method, path, body, **options)
        payload = answer.json() if answer.content else None
        if answer.status_code >= 400:
            raise Refused(answer.status_code, payload if isinstance(payload, dict) else {})
        return payload

    def raw(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        headers = dict(options.pop("headers", {}))
        if self.access_token:
            headers.setdefault("Authorization", f"Bearer {self.access_token}")
        return self.http.request(
            method,
            self.base + path,
            json=body,
            headers=headers,
            timeout=options.pop("timeout", self.timeout),
            **options,
        )

    def bot_token(self) -> str:
        """A fresh answer to the bot check, computed where it is proof of work."""
        if not self.proves_work:
            return "unchecked"
        offer = self.call("GET", "/v1/auth/challenge")
        return solve(offer["challenge"]) if offer["provider"] == "altcha" else "no-widget-here"

    def register(self, email: str, password: str, birth_date: str = "1990-05-17") -> Client:
        body = {"email": email, "password": password, "birth_date": birth_date, "bot_token": self.bot_token()}
        return self._signed_in(self.call("POST", "/v1/auth/register", body))

    def login(self, email: str, password: str) -> Client:
        body = {"email": email, "password": password, "bot_token": self.bot_token()}
        return self._signed_in(self.call("POST", "/v1/auth/login", body))

    def refresh(self) -> Client:
        return self._signed_in(self.call("POST", "/v1/auth/refresh", {"refresh_token": self.refresh_token}))

    def permit(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.call("POST", "/v1/permits", {"bot_token": self.bot_token(), "scope": "chat_send"})
        return answer

    def open(self, companion_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.call("POST", "/v1/conversations", {"companion_id": companion_id})
        return answer

    def send(self, conversation_id: str, text: str, permit_id: str, client_id: str | None = None) -> dict[str, Any]:
        body = {"client_id": client_id or str(uuid.uuid4()), "permit_id": permit_id, "kind": "text", "text": text}
        answer: dict[str, Any] = self.call("POST", f"/v1/conversations/{conversation_id}/messages", body)
        return answer

    def announce(self, body: dict[str, Any]) -> dict[str, Any]:
        """Where the bytes of a new upload go; `body` as `POST /v1/uploads` takes it."""
        answer: dict[str, Any] = self.call("POST", "/v1/uploads", body)
        return answer

    def put(self, announced: dict[str, Any], data: bytes, **headers: str) -> requests.Response:
        """Put the bytes where `announce` said. No cookie and no token goes with them; `headers` replaces some."""
        where = urljoin(self.base, announced["upload_url"])
        return requests.request(
            announced["method"], where, data=data, headers={**announced["headers"], **headers}, timeout=self.timeout
        )

    def upload(self, data: bytes, content_type: str, conversation_id: str) -> dict[str, Any]:
        """Upload a picture or video for a conversation and wait for the end of its processing. Raises TimeoutError."""
        body = {
            "purpose": "chat", "conversation_id": conversation_id, "kind": content_type.partition("/")[0],
            "content_type": content_type, "size": len(data),
        }  # fmt: skip
        announced = self.announce(body)
        stored = self.put(announced, data)
        if stored.status_code >= 400:
            raise Refused(stored.status_code, {"detail": "The file could not be stored."})
        return self.processed(announced["upload_id"])

    def processed(self, upload_id: str, within: float = 120.0) -> dict[str, Any]:
        """Complete an upload and wait for the end of its processing. Raises TimeoutError."""
        path, deadline = f"/v1/uploads/{upload_id}", time.monotonic() + within
        upload: dict[str, Any] = self.call("POST", f"{path}/complete")
        while upload["status"] in ("uploading", "processing"):
            if time.monotonic() > deadline:
                raise TimeoutError("the upload is still being checked")
            time.sleep(0.2)
            upload = self.call("GET", path)
        return upload

    def send_media(
        self,
        conversation_id: str,
        upload: dict[str, Any],
        text: str | None,
        permit_id: str,
        client_id: str | None = None,
    ) -> dict[str, Any]:
        """Send an upload that is completed, with a caption or without."""
        body = {
            "client_id": client_id or str(uuid.uuid4()), "permit_id": permit_id, "kind": upload["kind"], "text": text,
            "upload_id": upload["upload_id"],
        }  # fmt: skip
        given = {name: value for name, value in body.items() if value is not None}
        answer: dict[str, Any] = self.call("POST", f"/v1/conversations/{conversation_id}/messages", given)
        return answer

    def sign(self, keys: list[str]) -> dict[str, Any]:
        """URLs of the media that this caller may see, and what is denied."""
        answer: dict[str, Any] = self.call("POST", "/v1/media/sign", {"keys": keys})
        return answer

    def look(self, url: str, **headers: str) -> requests.Response:
        """Fetch a signed URL, without cookie or token."""
        return requests.get(urljoin(self.base, url), headers=headers, timeout=self.timeout)

    def stream(self, last_event_id: str | None = None, read_timeout: float = 40.0) -> Stream:
        """Open the event stream; iterate it, close it."""
        headers = {"Authorization": f"Bearer {self.access_token}", "Accept": "text/event-stream"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        answer = requests.get(f"{self.base}/v1/stream", headers=headers, stream=True, timeout=(5, read_timeout))
        if answer.status_code != 200:
            raise Refused(answer.status_code, answer.json())
        return Stream(answer)

    def _signed_in(self, session: dict[str, Any]) -> Client:
        self.access_token = session["access_token"]
        self.refresh_token = session["refresh_token"]
        self.user = session["user"]
        return self


class Stream:
    """An open event stream."""

    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer
        self._events = parse_events(self._lines())

    def __iter__(self) -> Iterator[StreamEvent]:
        return self._events

    def until(self, wanted: Callable[[StreamEvent], bool]) -> list[StreamEvent]:
        """The events up to and with the first wanted one. Raises EOFError when the stream ends before."""
        seen = []
        for event in self._events:
            seen.append(event)
            if wanted(event):
                return seen
        raise EOFError("the stream ended")

    def follow(self, handler: Callable[[StreamEvent], None]) -> threading.Thread:
        """Call `handler` for every event, in a thread that ends with the stream."""

        def run() -> None:
            try:
                for event in self._events:
                    handler(event)
            except (requests.RequestException, OSError, AttributeError, ValueError):
                return  # closed from the other thread, or lost: the owner sees it by its own means

        thread = threading.Thread(target=run, name="stream", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        # A plain close would wait for a thread that reads; this wakes it up. An ended stream has nothing to wake.
        with contextlib.suppress(RuntimeError):
            self._answer.raw.shutdown()
        self._answer.close()

    def _lines(self) -> Iterator[str]:
        # One byte at a time would be needed with a buffer that waits to fill; raw.read1 hands over what has come.
        waiting = b""
        while True:
            chunk = self._answer.raw.read1(65536)
            if not chunk:
                return
            waiting += chunk
            *lines, waiting = waiting.split(b"\n")
            for line in lines:
                yield line.rstrip(b"\r").decode()
