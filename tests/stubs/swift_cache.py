"""A cache for one Swift proxy process, instead of a memcached: runs inside of Swift, in Swift's own environment."""

import time
from collections.abc import Callable
from typing import Any

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Cache:
    """What Swift calls on its memcached client, on a dict."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Any]] = {}

    def get(self, key: str, *_args: Any, **_options: Any) -> Any:
        until, value = self._kept.get(key, (0.0, None))
        return value if until > time.time() else None

    def set(self, key: str, value: Any, *_args: Any, time: float = 0, **_options: Any) -> None:
        self._kept[key] = (_until(time), value)

    def incr(self, key: str, delta: int = 1, time: float = 0, **_options: Any) -> int:
        value = int(self.get(key) or 0) + delta
        self._kept[key] = (_until(time), value)
        return value

    def decr(self, key: str, delta: int = 1, time: float = 0, **_options: Any) -> int:
        return self.incr(key, -delta, time)

    def delete(self, key: str, *_args: Any, **_options: Any) -> None:
        self._kept.pop(key, None)


def _until(seconds: float) -> float:
    return time.time() + (seconds or 86_400)


def filter_factory(_global: dict[str, str], **_local: str) -> Callable[[WsgiApp], WsgiApp]:
    """Paste's entry point."""
    cache = Cache()

    def wrap(app: WsgiApp) -> WsgiApp:
        def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            environ["swift.cache"] = cache
            return app(environ, start_response)

        return call

    return wrap
