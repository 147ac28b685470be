"""The rules of a companion's profile (COMP-1)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from chassis.errors import Invalid

YOUNGEST = 18
OLDEST = 999
NAME_LIMIT = 60
BIO_LIMIT = 2_000
PERSONA_LIMIT = 8_000
VOICE_ID_LIMIT = 100


def folded(name: str) -> str:
    """A name as it is searched: case, width and spacing make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a new or edited companion, with the searched form of its name. Raises Invalid by field."""
    errors = {}
    if "age" in fields and not YOUNGEST <= fields["age"] <= OLDEST:
        errors["age"] = [f"Companions are adults: must be {YOUNGEST} to {OLDEST}."]
    if "name" in fields and len(fields["name"].splitlines()) != 1:
        errors["name"] = ["Must be a single line."]
    if errors:
        raise Invalid("Some fields are not valid.", errors=errors)
    return {**fields, "name_folded": folded(fields["name"])} if "name" in fields else dict(fields)
