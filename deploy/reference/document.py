"""Puts the tables between their markers in the README."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chassis.service import Service
from deploy.reference.tables import TABLES

README = Path(__file__).parents[2] / "README.md"


def brought_up_to_date(text: str, services: Mapping[str, Service]) -> str:
    """The README with fresh tables. Raises LookupError where the markers of one are missing."""
    for name, render in TABLES.items():
        begin, end = f"<!-- {name}: made by `make reference` -->", f"<!-- end of {name} -->"
        if end not in text.partition(begin)[2]:
            raise LookupError(f"README.md has no {begin} … {end}")
        head, _old, rest = text.partition(begin)
        text = f"{head}{begin}\n{render(services)}\n{end}{rest.partition(end)[2]}"
    return text
