"""Events: named after their owner and class, frozen on the wire, emitted by the owner only, heard by somebody else."""

import dataclasses
import json
import re
import typing
from pathlib import Path

import pytest

from chassis.config import NEIGHBOURS
from chassis.envelope import Event, open_envelope
from chassis.service import Service
from deploy.reference.tables import consumers_of, event_classes

ROOT = Path(__file__).parents[2]
WIRE = ROOT / "tests" / "wire"
EVENTS = event_classes()
CONTENT_WORDS = frozenset(
    [
        *("text", "texts", "caption", "captions", "body", "content", "message", "preview", "prompt", "bio", "memory"),
        *("email", "mail", "phone", "address", "ip", "birth"),
        *("password", "code", "secret", "token", "tokens", "url", "urls", "uri", "link", "href", "key", "keys"),
    ]
)
PUBLIC_PROFILE_KEYS = frozenset({"avatar_key", "background_key"})
PLAIN_STRINGS = frozenset({"kind", "name", "avatar_key", "engine", "purpose", "status", "nsfw_flag", "reason"})
"""Of small closed sets, or public: the last four say what an upload is for, where it is and how it was judged."""
IDENTIFIER = re.compile(r"(_id|_ids)$")
each_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TYPE)


def snake(name: str) -> str:
    """AIReplyRequested → ai_reply_requested."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def sources_of(service: str) -> str:
    folder = ROOT / service / "src"
    return "\n".join(path.read_text() for path in sorted(folder.rglob("*.py")))


def emits(source: str, event: type[Event]) -> bool:
    return re.search(rf"\b{event.__name__}\(", source) is not None


@each_event
def test_its_type_is_made_of_its_owner_and_its_class_name(event: type[Event]) -> None:
    owner = event.__module__.rsplit(".", 1)[1]
    assert f"{owner}.{snake(event.__name__)}.v1" == event.TYPE
    assert event.OWNER in NEIGHBOURS
    assert event.OWNER.removesuffix("-svc") == owner


@each_event
def test_it_is_a_frozen_dataclass_that_says_what_happened(event: type[Event]) -> None:
    assert dataclasses.is_dataclass(event)
    assert event.__dataclass_params__.frozen
    assert (event.__doc__ or "").strip()
    assert not (event.__doc__ or "").startswith(f"{event.__name__}(")


@each_event
def test_its_frozen_sample_is_read_and_written_back_unchanged(event: type[Event]) -> None:
    sample = json.loads((WIRE / f"{event.TYPE}.json").read_text())
    envelope = open_envelope(json.dumps(sample).encode())
    parsed = event.from_data(envelope.data)
    assert json.loads(envelope.to_bytes()) == sample
    assert parsed.to_data() == sample["data"]
    assert (envelope.type, envelope.source, envelope.subject) == (event.TYPE, event.OWNER, parsed.subject())


@each_event
def test_a_newer_owner_may_add_a_field_but_not_leave_one_out(event: type[Event]) -> None:
    data = json.loads((WIRE / f"{event.TYPE}.json").read_text())["data"]
    assert event.from_data({**data, "added_later": 1}) == event.from_data(data)
    for name in data:
        with pytest.raises(Exception, match="not a valid"):
            event.from_data({key: value for key, value in data.items() if key != name})


@each_event
def test_another_service_hears_it_and_its_owner_does_not(event: type[Event], services: dict[str, Service]) -> None:
    consumers = consumers_of(event, services)
    assert consumers
    assert event.OWNER not in consumers


@each_event
def test_only_its_owner_emits_it(event: type[Event]) -> None:
    emitting = {name for name in NEIGHBOURS if emits(sources_of(name), event)}
    hosts = "\n".join(path.read_text() for path in (ROOT / "deploy").rglob("*.py"))
    assert emitting == {event.OWNER}
    assert not emits(hosts, event)


@each_event
def test_no_field_could_carry_what_people_wrote_or_a_capability(event: type[Event]) -> None:
    hints = typing.get_type_hints(event)
    for field in dataclasses.fields(event):
        named_content = not IDENTIFIER.search(field.name) and set(field.name.split("_")) & CONTENT_WORDS
        assert not named_content or field.name in PUBLIC_PROFILE_KEYS, field.name
        if str in (hints[field.name], *typing.get_args(hints[field.name])):
            assert field.name in PLAIN_STRINGS, f"{field.name}: a new string field is a decision, state it here"


def test_there_is_no_sample_without_an_event() -> None:
    assert {path.name for path in WIRE.iterdir()} == {f"{event.TYPE}.json" for event in EVENTS}


def test_two_events_never_share_a_type() -> None:
    assert len({event.TYPE for event in EVENTS}) == len(EVENTS)


def test_services_hear_only_events_of_the_contracts(services: dict[str, Service]) -> None:
    heard = {event for service in services.values() for event in service.handlers}
    assert heard <= set(EVENTS)


def test_the_readme_lists_exactly_these_events(services: dict[str, Service]) -> None:
    readme = (ROOT / "README.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `([a-z0-9_.]+\.v\d+)` \| ([a-z-]+) \| ([a-z, -]+) \|", readme, re.MULTILINE)
    assert rows == [
        (event.__name__, event.TYPE, event.OWNER, ", ".join(consumers_of(event, services))) for event in EVENTS
    ]
