"""Rekognition as classifier, its answers held to the service's own model by botocore's Stubber."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import drawn_pictures
import pytest
from botocore import session
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.stub import Stubber

from media_svc.adapters.classifiers import classifier_of
from media_svc.adapters.rekognition import RekognitionClassifier, rekognition_client
from media_svc.config import PolicyConfig, StoreConfig
from media_svc.domain.policy import REKOGNITION_FLOOR, REKOGNITION_RULES
from media_svc.ports import CheckUnavailable, Label, Verdict

STORE = StoreConfig(Path("/nowhere"), None, "eu-central-1", None, "AKIDSTUB", "not-a-secret")


@pytest.fixture
def client() -> Any:
    return rekognition_client(STORE)


@pytest.fixture
def stubber(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as made:
        yield made
        made.assert_no_pending_responses()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return drawn_pictures.saved(drawn_pictures.hills(), tmp_path / "frame.jpg")


def moderated(*labels: tuple[str, str, int, float], version: str = "7.0") -> dict[str, Any]:
    """An answer of DetectModerationLabels: (name, parent, level, confidence)."""
    told = [
        {"Name": name, "ParentName": parent, "TaxonomyLevel": level, "Confidence": confidence}
        for name, parent, level, confidence in labels
    ]
    return {"ModerationLabels": told, "ModerationModelVersion": version, "ContentTypes": []}


def face(low: int, high: int, confidence: float = 99.9) -> dict[str, Any]:
    box = {"Left": 0.1, "Top": 0.1, "Width": 0.2, "Height": 0.2}
    return {"BoundingBox": box, "AgeRange": {"Low": low, "High": high}, "Confidence": confidence}


def expect(stubber: Stubber, labels: dict[str, Any], *faces: dict[str, Any]) -> None:
    stubber.add_response("detect_moderation_labels", labels)
    stubber.add_response("detect_faces", {"FaceDetails": list(faces)})


def test_labels_and_faces_are_asked_for_with_the_bytes(client: Any, stubber: Stubber, picture: Path) -> None:
    image = {"Bytes": picture.read_bytes()}
    stubber.add_response("detect_moderation_labels", moderated(), {"Image": image, "MinConfidence": REKOGNITION_FLOOR})
    stubber.add_response("detect_faces", {"FaceDetails": []}, {"Image": image, "Attributes": ["AGE_RANGE"]})
    assert RekognitionClassifier(client).judge(picture, "image/jpeg") == Verdict("safe", False, ())


def test_the_worst_label_makes_the_flag_and_all_are_kept(client: Any, stubber: Stubber, picture: Path) -> None:
    labels = moderated(
        ("Exposed Female Nipple", "Explicit Nudity", 3, 88.0),
        ("Explicit Nudity", "Explicit", 2, 88.0),
        ("Explicit", "", 1, 88.0),
        ("Swimwear or Underwear", "", 1, 61.0),
    )
    expect(stubber, labels, face(25, 33))
    verdict = RekognitionClassifier(client).judge(picture, "image/jpeg")
    assert (verdict.flag, verdict.minor) == ("erotic", False)
    assert verdict.labels[0] == Label("Exposed Female Nipple", 0.88)
    assert len(verdict.labels) == 4


@pytest.mark.parametrize(
    ("labels", "faces", "flag"),
    [
        ([("Explicit Sexual Activity", "Explicit", 2, 70.0)], [face(30, 40)], "blocked"),
        ([("Exposed Male Genitalia", "Explicit Nudity", 3, 90.0)], [], "blocked"),
        ([("Exposed Male Genitalia", "Explicit Nudity", 3, 90.0)], [face(30, 40)], "erotic"),
        ([("Nazi Party", "Hate Symbols", 2, 90.0)], [face(30, 40)], "blocked"),
        ([("Blood & Gore", "Graphic Violence", 3, 90.0)], [], "blocked"),
        ([("Female Swimwear or Underwear", "Swimwear or Underwear", 2, 90.0)], [face(30, 40)], "soft"),
        ([("Smoking", "Drugs & Tobacco Paraphernalia & Use", 3, 99.0)], [face(30, 40)], "safe"),
    ],
)
def test_labels_mean_what_the_rules_say(
    client: Any, stubber: Stubber, picture: Path, labels: Any, faces: Any, flag: str
) -> None:
    expect(stubber, moderated(*labels), *faces)
    assert RekognitionClassifier(client).judge(picture, "image/jpeg").flag == flag


def test_a_young_face_among_others_is_told_as_a_minor(client: Any, stubber: Stubber, picture: Path) -> None:
    expect(stubber, moderated(), face(35, 43), face(7, 13, 97.0))
    verdict = RekognitionClassifier(client).judge(picture, "image/jpeg")
    assert verdict.minor
    assert verdict.labels == (Label("Young face", 0.97),)


def test_what_is_hardly_a_face_has_no_age(client: Any, stubber: Stubber, picture: Path) -> None:
    expect(stubber, moderated(), face(2, 8, 55.0))
    assert not RekognitionClassifier(client).judge(picture, "image/jpeg").minor


@pytest.mark.parametrize("version", ["6.1", "8.0", "70.1", ""])
def test_labels_of_another_taxonomy_are_no_answer(client: Any, stubber: Stubber, picture: Path, version: str) -> None:
    expect(stubber, moderated(version=version))
    with pytest.raises(CheckUnavailable):
        RekognitionClassifier(client).judge(picture, "image/jpeg")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400), ("ProvisionedThroughputExceededException", 400), ("InternalServerError", 500),
        ("ServiceUnavailable", 503), ("AccessDeniedException", 400), ("InvalidImageFormatException", 400),
        ("ImageTooLargeException", 400), ("InvalidSignatureException", 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("second", [False, True], ids=["labels", "faces"])
def test_every_refusal_leaves_the_picture_unjudged(
    client: Any, stubber: Stubber, picture: Path, code: str, status: int, second: bool
) -> None:
    if second:
        stubber.add_response("detect_moderation_labels", moderated())
    stubber.add_client_error("detect_faces" if second else "detect_moderation_labels", code, http_status_code=status)
    with pytest.raises(CheckUnavailable):
        RekognitionClassifier(client).judge(picture, "image/jpeg")


@pytest.mark.parametrize("error", [ConnectTimeoutError, ReadTimeoutError])
def test_a_timeout_leaves_the_picture_unjudged(client: Any, picture: Path, error: type[Exception]) -> None:
    def late(**_given: object) -> None:
        raise error(endpoint_url="https://rekognition.test")  # type: ignore[call-arg]  # botocore's take keywords

    client.meta.events.register("before-send.rekognition.*", late)
    with pytest.raises(CheckUnavailable):
        RekognitionClassifier(client).judge(picture, "image/jpeg")


def test_missing_fields_leave_the_picture_unjudged(client: Any, stubber: Stubber, picture: Path) -> None:
    expect(stubber, moderated(), {"Confidence": 99.0})
    with pytest.raises(CheckUnavailable):
        RekognitionClassifier(client).judge(picture, "image/jpeg")


def test_a_picture_beyond_what_the_service_takes_is_not_sent(client: Any, stubber: Stubber, tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(
        b"\xff" * (session.get_session().get_service_model("rekognition").shape_for("ImageBlob").metadata["max"] + 1)
    )
    with pytest.raises(CheckUnavailable):
        RekognitionClassifier(client).judge(large, "image/jpeg")


def test_the_age_of_faces_is_something_that_can_be_asked_for(client: Any) -> None:
    # botocore sends any text where one of a list is wanted.
    assert "AGE_RANGE" in client.meta.service_model.shape_for("Attribute").enum


def test_no_rule_names_a_label_twice_with_another_spelling() -> None:
    names = {name for rule in REKOGNITION_RULES for name in rule.names}
    assert len({name.casefold() for name in names}) == len(names)


def test_the_settings_choose_region_and_keys() -> None:
    chosen = classifier_of(PolicyConfig("rekognition", None, None, None), STORE)
    assert chosen.name == "rekognition"
    assert chosen.sees == {"nudity", "minors", "acts", "gore", "symbols"}
    assert rekognition_client(STORE).meta.region_name == "eu-central-1"
