"""Finds the settings that the code reads, by reading them and by looking at the source."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from chassis import config as chassis_config
from deploy.reference.described import example_environments
from deploy.reference.meanings import EXAMPLES, HOST_SETTINGS, SERVICE_SETTINGS, SET_BY_HOSTS

DEPLOY = Path(__file__).parent.parent
_ENVIRONMENTS = ("env", "_env", "environ")
_NOT_OURS = ("PATH", "HOME")


@dataclass(frozen=True)
class Setting:
    """One setting. `readers`: the services that read it, empty for the hosts'; `default`: None where there is none."""

    name: str
    readers: tuple[str, ...]
    default: str | None
    meaning: str


class _Recorder(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def service_settings() -> list[Setting]:
    """What the `config` modules read. Raises LookupError for a setting that nobody explained, or nobody reads."""
    readers: dict[str, list[str]] = {}
    defaults = _defaults(chassis_config)
    for name, env in example_environments().items():
        module = importlib.import_module(f"{name.replace('-', '_')}.config")
        defaults |= _defaults(module)
        for values in (env, {**env, **EXAMPLES}):
            recorder = _Recorder(values)
            module.Config.from_env(recorder)
            for asked in recorder.asked:
                if name not in readers.setdefault(asked, []):
                    readers[asked].append(name)
    _compare("config modules", set(readers), set(SERVICE_SETTINGS))
    return [
        Setting(name, tuple(readers[name]), defaults.get(name), meaning) for name, meaning in SERVICE_SETTINGS.items()
    ]


def host_settings() -> list[Setting]:
    """What only the hosts read. Raises LookupError like `service_settings`."""
    found: set[str] = set()
    for path in DEPLOY.rglob("*.py"):
        found |= set(_read_in(ast.parse(path.read_text())))
    _compare("hosts", found - set(SERVICE_SETTINGS) - SET_BY_HOSTS - set(_NOT_OURS), set(HOST_SETTINGS))
    return [Setting(name, (), None, meaning) for name, meaning in HOST_SETTINGS.items()]


def _compare(whose: str, read: set[str], explained: set[str]) -> None:
    if read - explained:
        raise LookupError(f"the {whose} read {sorted(read - explained)}: say what they mean in deploy.reference")
    if explained - read:
        raise LookupError(f"nothing in the {whose} reads {sorted(explained - read)}: drop them from deploy.reference")


def _defaults(module: ModuleType) -> dict[str, str]:
    """The second argument of each `env.text("NAME", default)` and the like in a module, where it is a plain value."""
    found = {}
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) > 1):
            continue
        name, default = _constant(node.args[0]), node.args[1]
        owner = node.func.value
        if name is None or not isinstance(owner, ast.Name) or owner.id != "env":
            continue
        value = getattr(module, default.id, None) if isinstance(default, ast.Name) else _value(default)
        if isinstance(value, str | int | float):
            found[name] = f"{value:g}" if isinstance(value, float) else str(value)
    return found


def _read_in(tree: ast.AST) -> Iterator[str]:
    """Names that are looked up in something called `env` or `environ`, or given to click as `envvar`."""
    for node in ast.walk(tree):
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _is_environment(node.value):
            key = node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr == "get" and _is_environment(node.func.value):
                key = node.args[0]
        elif isinstance(node, ast.keyword) and node.arg == "envvar":
            key = node.value
        name = _constant(key)
        if name is not None:
            yield name


def _is_environment(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id in _ENVIRONMENTS) or (
        isinstance(node, ast.Attribute) and node.attr in _ENVIRONMENTS
    )


def _constant(node: ast.expr | None) -> str | None:
    value = _value(node)
    return value if isinstance(value, str) else None


def _value(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None
