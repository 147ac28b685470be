"""The README says what is true: its tables are those of the code, its commands exist, its map names everything."""

import re
from pathlib import Path

import pytest

from chassis.config import NEIGHBOURS
from chassis.service import Service
from deploy.cli import cli
from deploy.reference.document import README, brought_up_to_date
from deploy.reference.settings import host_settings, service_settings

ROOT = Path(__file__).parents[2]
TEXT = README.read_text()
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
# Made by hand while running, so neither in the repository nor made by a command of it.
MADE_WHILE_RUNNING = (".duet", ".env", ".venv")


def code_spans() -> set[str]:
    """What is set in code, fenced or not; tables made by the generator are left out."""
    written = re.sub(r"<!-- (\w+): made by.*?<!-- end of \1 -->", "", TEXT, flags=re.DOTALL)
    fenced = re.findall(r"^```\w*\n(.*?)^```$", written, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```\w*\n.*?^```$", "", written, flags=re.DOTALL | re.MULTILINE)
    return {line.strip() for block in fenced for line in block.splitlines()} | set(re.findall(r"`([^`\n]+)`", rest))


def test_its_tables_are_those_of_the_code(services: dict[str, Service]) -> None:
    assert brought_up_to_date(TEXT, services) == TEXT, "run `make reference`"


def test_its_settings_are_those_that_the_code_reads() -> None:
    table = TEXT.partition("<!-- settings:")[2].partition("<!-- end of settings")[0]
    listed = re.findall(r"^\| `([A-Z0-9_]+)` \|", table, re.MULTILINE)
    assert listed == [setting.name for setting in (*service_settings(), *host_settings())]


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_its_map_names_every_service(name: str) -> None:
    assert re.search(rf"^{name}/ +\w", TEXT, re.MULTILINE)


def test_its_map_names_every_folder_with_code() -> None:
    folders = {path.parent.relative_to(ROOT).parts[0] for path in ROOT.glob("*/**/*.py") if ".venv" not in path.parts}
    for folder in folders:
        assert re.search(rf"^{folder}/ +\w", TEXT, re.MULTILINE), folder


def test_its_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for span in code_spans() for found in re.findall(r"\bmake ([a-z ]+)", span) for word in found.split()}
    assert named >= {"run", "test", "keys", "reference", "check", "help"}
    assert named <= targets


def test_its_duet_commands_exist_and_none_is_left_out() -> None:
    named = {found for span in code_spans() for found in re.findall(r"\bduet (?!:)([a-z][a-z-]+)", span)}
    assert named == set(cli.commands)


def test_the_files_it_names_exist() -> None:
    pattern = r"(?:[\w.-]+/)+[\w.-]*\.(?:py|md|yml|toml|html)\b|\b(?:tests|deploy|docs|chassis|gateway)/[\w./-]*"
    named = {path for span in code_spans() for path in re.findall(pattern, span)}
    there = {path for path in named if not path.startswith(MADE_WHILE_RUNNING)}
    assert there
    missing = {path for path in there if not (ROOT / path).exists() and not list(ROOT.glob(f"**/{path}"))}
    assert missing == set()


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_fifteen_lines_at_most(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 15
    assert re.fullmatch(r"# \d+\. .+", lines[0])
    assert int(lines[0].split(".")[0][2:]) == int(path.name[:4]) == DECISIONS.index(path) + 1
    assert "**Why.**" in path.read_text()
    assert "**Price.**" in path.read_text()
