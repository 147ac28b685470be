"""The tree: every service has the same file names, no file grows too long, and nothing hides inside functions."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.config import NEIGHBOURS

ROOT = Path(__file__).parents[2]
ANATOMY = frozenset(
    {"config", "domain", "ports", "models", "schemas", "queries", "usecases", "routes", "internal", "consumers", "jobs"}
) | {"adapters", "app"}
ONLY_IN_THE_GATEWAY = frozenset({"proxy", "stream", "openapi"})
CHASSIS = frozenset(
    {"service", "config", "errors", "web", "auth", "db", "outbox", "inbox", "envelope", "bus", "rabbit", "upstream"}
) | {"jobs", "logs", "metrics", "testing", "contracts", "context", "ids", "times", "sockets"}
FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "constants", "misc"})
LONGEST_FILE = 320
LONGEST_LIST_OF_TESTS = 320
LONGEST_APP = 80


def package(service: str) -> Path:
    return ROOT / service / "src" / service.replace("-", "_")


PACKAGES = {**{name: package(name) for name in NEIGHBOURS}, "chassis": package("chassis")}
FOLDERS = [*PACKAGES.values(), ROOT / "deploy", ROOT / "tests"]
SOURCES = [path for folder in FOLDERS for path in sorted(folder.rglob("*.py")) if "node_modules" not in path.parts]
OURS = [path for path in SOURCES if not path.is_relative_to(ROOT / "tests")]
each_service = pytest.mark.parametrize("name", NEIGHBOURS)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def modules_in(folder: Path) -> set[str]:
    """The names that can be imported from a package: modules and packages."""
    entries = (path for path in folder.iterdir() if path.name not in ("__init__.py", "__pycache__"))
    return {path.stem for path in entries if path.suffix == ".py" or any(path.glob("**/*.py"))}


def functions(tree: ast.AST) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


def trees() -> Iterator[tuple[str, Path, ast.Module]]:
    return ((shown(path), path, ast.parse(path.read_text())) for path in SOURCES)


@each_service
def test_a_service_has_the_planned_file_names_and_no_others(name: str) -> None:
    planned = ANATOMY | {"migrations"} | (ONLY_IN_THE_GATEWAY if name == "gateway" else set())
    found = modules_in(PACKAGES[name])
    assert found - planned == set()
    assert {"app", "config", "migrations"} <= found


def test_the_chassis_has_the_planned_modules_and_no_others() -> None:
    assert modules_in(PACKAGES["chassis"]) == CHASSIS


@each_service
def test_a_layer_is_either_a_file_or_a_package(name: str) -> None:
    both = {one.stem for one in PACKAGES[name].glob("*.py") if (PACKAGES[name] / one.stem).is_dir()}
    assert both == set()


@each_service
def test_migrations_are_numbered_without_gaps(name: str) -> None:
    names = sorted(path.name for path in (PACKAGES[name] / "migrations").glob("[0-9]*.py"))
    assert [int(one[:4]) for one in names] == list(range(1, len(names) + 1))


@each_service
def test_the_composition_root_is_short_enough_to_read_aloud(name: str) -> None:
    assert len((PACKAGES[name] / "app.py").read_text().splitlines()) <= LONGEST_APP


def test_no_file_is_too_long() -> None:
    def longest(path: Path) -> int:
        return LONGEST_FILE if path in OURS else LONGEST_LIST_OF_TESTS

    lengths = {path: len(path.read_text().splitlines()) for path in SOURCES}
    assert {shown(path): lines for path, lines in lengths.items() if lines > longest(path)} == {}


def test_no_name_says_nothing() -> None:
    named = {shown(path) for path in SOURCES if FORBIDDEN_NAMES & {part.removesuffix(".py") for part in path.parts}}
    assert named == set()


def test_every_module_says_what_it_is_for() -> None:
    silent = {name for name, path, tree in trees() if not ast.get_docstring(tree) and path.stat().st_size}
    assert silent == set()


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = {
        f"{name}:{inner.lineno}"
        for name, _path, tree in trees()
        for function in functions(tree)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }
    assert hidden == set()


def test_nothing_reaches_for_the_current_app() -> None:
    reaching = {
        name
        for name, _path, tree in trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.alias) and node.name == "current_app")
        or (isinstance(node, ast.Name) and node.id == "current_app")
        or (isinstance(node, ast.Attribute) and node.attr == "current_app")
    }
    assert reaching == set()


def test_services_never_print() -> None:
    printing = {
        name
        for name, path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        if path.is_relative_to(ROOT / "chassis") or any(path.is_relative_to(ROOT / service) for service in NEIGHBOURS)
    }
    assert printing == set()


def test_every_public_class_says_what_it_is() -> None:
    silent = {
        f"{shown(path)}:{node.name}"
        for path in OURS
        if "migrations" not in path.parts
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    }
    assert silent == set()


def test_test_modules_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert {name for name in names if names.count(name) > 1} == set()


def test_no_source_tells_of_this_machine() -> None:
    # Written apart, so that this file does not find itself.
    telling = ("/work" + "/main", "/root" + "/", "pkg-" + "mirror")
    found = {shown(path) for path in SOURCES for word in telling if word in path.read_text()}
    assert found == set()
