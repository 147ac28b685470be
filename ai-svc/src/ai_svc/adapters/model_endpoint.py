"""An OpenAI-compatible chat completions endpoint over HTTP (AI-1)."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ai_svc.adapters.completions import answer_pieces
from ai_svc.adapters.deadline_http import post
from ai_svc.config import EndpointConfig
from ai_svc.domain.prompt import RESPONSE_FORMAT
from ai_svc.ports import TryFailed

_FORMATS: tuple[Mapping[str, Any] | None, ...] = (RESPONSE_FORMAT, {"type": "json_object"}, None)
_VERSION = re.compile(r"/v\d+\w*(/|$)")


def completions_url(base_url: str) -> str:
    """Where to POST: `/v1` is added unless the base names a version itself."""
    base = base_url.rstrip("/")
    versioned = _VERSION.search(urlsplit(base).path)
    return f"{base}/chat/completions" if versioned else f"{base}/v1/chat/completions"


class HttpModelEndpoint:
    """Streams answers. Remembers which kind of structured output the server refuses, and asks for less from then on."""

    def __init__(self, config: EndpointConfig, temperature: float, max_tokens: int) -> None:
        self.name = config.name
        self._url = completions_url(config.base_url)
        self._tls = ssl.create_default_context() if self._url.startswith("https:") else None
        self._headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        if config.api_key is not None:
            self._headers["Authorization"] = f"Bearer {config.api_key}"
        self._body = {
            "model": config.model, "temperature": temperature, "max_tokens": max_tokens, "stream": True,
        }  # fmt: skip
        self._format = 0

    def stream(self, messages: Sequence[Mapping[str, str]], seconds: float) -> Generator[str, None, None]:
        """The raw answer, piece by piece, within `seconds` in all. Raises TryFailed."""
        ends = time.monotonic() + seconds
        try:
            for number in range(self._format, len(_FORMATS)):
                with self._post(messages, _FORMATS[number], ends - time.monotonic()) as exchange:
                    if exchange.status in (400, 422) and number + 1 < len(_FORMATS):
                        continue
                    _check(exchange.status)
                    self._format = max(self._format, number)
                    yield from answer_pieces(exchange.chunks())
                    return
        except TimeoutError:
            raise TryFailed("timeout") from None
        except http.client.IncompleteRead:
            raise TryFailed("cut-off") from None
        except OSError as error:
            raise TryFailed("connect") from error
        except http.client.HTTPException as error:
            raise TryFailed("malformed") from error

    def _post(
        self, messages: Sequence[Mapping[str, str]], response_format: Mapping[str, Any] | None, seconds: float
    ) -> Any:
        body = {**self._body, "messages": list(messages)}
        if response_format is not None:
            body["response_format"] = response_format
        return post(self._url, self._headers, json.dumps(body).encode(), seconds, self._tls)


def _check(status: int) -> None:
    """Raises TryFailed unless the answer is one."""
    if status == 200:
        return
    if status == 429:
        raise TryFailed("rate-limited", status)
    if status == 408:
        raise TryFailed("timeout", status)
    raise TryFailed("server-error" if status >= 500 else "refused", status)
