"""media-svc alone: uploads in, events out over RabbitMQ, with its neighbours and the classifier as strict stand-ins."""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from chassis.contracts.chat import MediaSent
from chassis.contracts.media import MediaProcessed, MediaQuarantined, MediaUploaded
from chassis.ids import uuid7
from chassis.testing import eventually
from tests.corpus import samples
from tests.stubs.classifier import ClassifierServer, failing, judged

PICTURE = samples.jpeg(1600, 1200)
STANDING = {"user_id", "conversation_ids", "companion_ids"}


def everybody_takes_part(container: Any) -> None:
    def standing(body: dict[str, Any]) -> tuple[int, Any]:
        companion_id = str(uuid7())
        asked = [
            {"conversation_id": one, "type": "companion", "companion_id": companion_id}
            for one in body["conversation_ids"]
        ]
        return 200, {"conversations": asked, "companion_ids": []}

    container.neighbours["chat-svc"].expect("POST", "/internal/conversations/standing", STANDING, standing)


@pytest.fixture(scope="module")
def classifier() -> Iterator[ClassifierServer]:
    with ClassifierServer() as server:
        yield server


@pytest.fixture
def judge(classifier: ClassifierServer) -> Iterator[ClassifierServer]:
    """The classifier, which says `safe` unless a test has it say something else."""
    classifier.otherwise = judged("safe")
    yield classifier
    classifier.otherwise = judged("safe")


@pytest.fixture(scope="module")
def media(contain: Callable[..., Any], classifier: ClassifierServer) -> Any:
    return contain("media-svc", expect=everybody_takes_part, **classifier.environment())


def arrived(media: Any, owner: str, data: bytes = PICTURE) -> str:
    """An upload whose bytes were put and completed."""
    body = {
        "purpose": "chat", "conversation_id": str(uuid7()), "kind": "image", "content_type": "image/jpeg",
        "size": len(data),
    }  # fmt: skip
    answer = media.call("POST", "/v1/uploads", body, subject=owner, role="user")
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert put(media, created, data) == 200
    completed = media.call("POST", f"/v1/uploads/{created['upload_id']}/complete", subject=owner, role="user")
    assert completed.status_code == 202, completed.text
    return str(created["upload_id"])


def put(media: Any, created: dict[str, Any], data: bytes) -> int:
    """PUT as the gateway passes it on for a browser: with the identity of nobody."""
    token = media.token("anonymous", "anonymous")
    headers = {**created["headers"], **token}
    return requests.put(media.url + created["upload_url"], data=data, headers=headers, timeout=60).status_code


def look(media: Any, owner: str, upload_id: str) -> dict[str, Any]:
    answer = media.call("GET", f"/v1/uploads/{upload_id}", subject=owner, role="user")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ended(media: Any, owner: str, upload_id: str, within: float = 120) -> dict[str, Any]:
    return eventually(
        lambda: look(media, owner, upload_id),
        until=lambda upload: upload["status"] != "processing",
        within=within,
        every=0.2,
    )


def test_an_upload_is_processed_by_the_worker_and_told_over_the_bus(media: Any, judge: ClassifierServer) -> None:
    owner = str(uuid7())
    upload_id = arrived(media, owner)
    upload = ended(media, owner, upload_id)
    assert (upload["status"], upload["media"]["nsfw_flag"]) == ("completed", "safe")
    (told,) = eventually(lambda: media.events(MediaProcessed, upload_id=upload_id), within=60)
    assert (told["status"], told["recipients"]) == ("completed", [owner])
    assert len(media.events(MediaUploaded, upload_id=upload_id)) == 1


def test_a_message_on_the_bus_marks_its_upload_as_sent(media: Any, judge: ClassifierServer) -> None:
    owner, send_id = str(uuid7()), str(uuid7())
    upload_id = arrived(media, owner)
    upload = ended(media, owner, upload_id)
    body = {"send_id": send_id, "user_id": owner, "conversation_id": upload["conversation_id"], "kind": "image"}
    assert media.as_service("chat-svc", "POST", f"/internal/uploads/{upload_id}/claim", body).status_code == 200
    sent = MediaSent(
        message_id=uuid7(),
        conversation_id=uuid.UUID(upload["conversation_id"]),
        sender_id=uuid.UUID(owner),
        upload_id=uuid.UUID(upload_id),
        send_id=uuid.UUID(send_id),
        kind="image",
    )
    media.publish(sent, times=3)
    told = eventually(lambda: look(media, owner, upload_id)["message_id"], within=60)
    assert told == str(sent.message_id)


def test_an_outage_of_the_classifier_is_over_when_it_is_over(media: Any, judge: ClassifierServer) -> None:
    judge.otherwise = failing(503)
    owner = str(uuid7())
    upload_id = arrived(media, owner, samples.jpeg(640, 480, seed=7))
    delayed = eventually(lambda: look(media, owner, upload_id), until=lambda upload: upload["error"] is not None)
    assert (delayed["status"], delayed["error"]["code"], delayed["media"]) == ("processing", "check-delayed", None)
    judge.otherwise = judged("safe", minor=True)
    upload = ended(media, owner, upload_id)
    assert (upload["status"], upload["blocked_reason"]) == ("blocked", "policy-violation")
    (incident,) = eventually(lambda: media.events(MediaQuarantined, upload_id=upload_id), within=60)
    assert (incident["reason"], incident["owner_id"]) == ("minor_suspicion", owner)


def test_a_worker_killed_again_and_again_loses_no_upload_and_tells_of_each_once(
    media: Any, judge: ClassifierServer
) -> None:
    chance = random.Random(20_261_120)
    owner = str(uuid7())
    uploads = [arrived(media, owner, samples.jpeg(900, 700, seed=seed)) for seed in range(6)]
    for _ in range(6):
        time.sleep(chance.uniform(0.1, 1.5))  # when it dies is left to chance
        media.processes.kill(media.worker)
        media.processes.start(media.worker)
    for upload_id in uploads:
        assert ended(media, owner, upload_id)["status"] == "completed"

    def told() -> set[tuple[str, int]]:
        # One fact may come twice: a relay that is killed before it has marked what it published does so again.
        return {(one["upload_id"], one["version"]) for one in media.events(MediaProcessed, owner_id=owner)}

    facts = eventually(told, until=lambda found: len(found) >= 6, within=60)
    assert sorted(upload_id for upload_id, _version in facts) == sorted(uploads)
