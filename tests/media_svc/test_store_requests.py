"""What boto3 is asked to send to S3, where no server at hand knows it: Swift has no colder class, no CORS and no public
access block over S3, and no create-once that holds under parallel PUTs.

botocore's Stubber holds requests and answers to the service's own model.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.stub import ANY, Stubber

from chassis.errors import Unavailable
from chassis.ids import uuid7
from media_svc.adapters.store_s3 import PRIVATE, S3Store, s3_client
from media_svc.config import StoreConfig
from media_svc.domain.keys import final_prefix, incoming_key
from media_svc.ports import AlreadyStored, NoColderClass

SITE = "https://duet.example"
BUCKET = "duet-media"
CORS = {
    "AllowedOrigins": [SITE],
    "AllowedMethods": ["PUT"],
    "AllowedHeaders": ["content-type", "if-none-match"],
    "MaxAgeSeconds": 3600,
}
KEY = final_prefix("chat", uuid7(), uuid7()) + "full.webp"


def config(endpoint: str | None = None) -> StoreConfig:
    return StoreConfig(Path("/"), BUCKET, "eu-central-1", endpoint, "access", "secret")


@pytest.fixture
def client() -> Any:
    return s3_client(config())


@pytest.fixture
def store(client: Any) -> S3Store:
    return S3Store(config(), SITE, client)


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_a_presigned_put_signs_type_length_and_if_none_match(store: S3Store) -> None:
    signed = store.presign_put(incoming_key(uuid7()), content_type="image/png", size=1234, seconds=900)
    parts = urlsplit(signed.url)
    query = {name: values for name, (values,) in parse_qs(parts.query).items()}
    assert query["X-Amz-SignedHeaders"] == "content-length;content-type;host;if-none-match"
    assert (query["X-Amz-Algorithm"], query["X-Amz-Expires"]) == ("AWS4-HMAC-SHA256", "900")
    assert parts.hostname == f"{BUCKET}.s3.eu-central-1.amazonaws.com"
    assert set(query) == {
        *("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"),
        "X-Amz-Signature",
    }
    assert signed.headers == {"Content-Type": "image/png", "If-None-Match": "*"}


def test_length_and_type_are_part_of_the_signature(store: S3Store) -> None:
    key = incoming_key(uuid7())
    urls = {
        store.presign_put(key, content_type=kind, size=size, seconds=900).url
        for kind in ("image/png", "image/webp")
        for size in (1, 2)
    }
    assert len({parse_qs(urlsplit(url).query)["X-Amz-Signature"][0] for url in urls}) == 4


def test_with_an_endpoint_the_bucket_is_in_the_path() -> None:
    store = S3Store(config("http://s3.test:8333"), SITE)
    signed = store.presign_put(incoming_key(uuid7()), content_type="image/png", size=1, seconds=900)
    assert signed.url.startswith(f"http://s3.test:8333/{BUCKET}/incoming/")


def test_objects_are_written_only_where_none_is(store: S3Store, stub: Stubber, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"abc")
    wanted = {
        "Bucket": BUCKET, "Key": KEY, "Body": ANY, "ContentLength": 3, "ContentType": "image/webp",
        "CacheControl": "max-age=300, s-maxage=30", "IfNoneMatch": "*",
    }  # fmt: skip
    stub.add_response("put_object", {}, wanted)
    store.put_new(KEY, source, content_type="image/webp", cache_control="max-age=300, s-maxage=30")
    stub.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    with pytest.raises(AlreadyStored):
        store.put_new(KEY, source, content_type="image/webp", cache_control="max-age=300, s-maxage=30")


def test_a_put_that_met_another_one_is_tried_again_later(store: S3Store, stub: Stubber, tmp_path: Path) -> None:
    """S3's answer to parallel conditional writes: neither may have been stored."""
    source = tmp_path / "source"
    source.write_bytes(b"abc")
    stub.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    with pytest.raises(Unavailable):
        store.put_new(KEY, source, content_type="image/webp", cache_control="")


def test_the_colder_class_is_a_copy_onto_itself(store: S3Store, stub: Stubber) -> None:
    wanted = {
        "Bucket": BUCKET, "Key": KEY, "CopySource": {"Bucket": BUCKET, "Key": KEY}, "StorageClass": "STANDARD_IA",
        "MetadataDirective": "COPY",
    }  # fmt: skip
    stub.add_response("copy_object", {}, wanted)
    store.set_storage_class(KEY, "STANDARD_IA")
    head = {"ContentLength": 3, "ContentType": "image/webp", "LastModified": datetime.now(UTC)}
    stub.add_response("head_object", {**head, "StorageClass": "STANDARD_IA"}, {"Bucket": BUCKET, "Key": KEY})
    found = store.head(KEY)
    assert found is not None
    assert found.storage_class == "STANDARD_IA"


def test_a_server_without_the_colder_class_is_told_apart_from_one_that_is_away() -> None:
    own = config("http://s3.test:8333")
    client = s3_client(own)
    with Stubber(client) as stub:
        stub.add_client_error("copy_object", "InvalidStorageClass", http_status_code=400)
        with pytest.raises(NoColderClass):
            S3Store(own, SITE, client).set_storage_class(KEY, "STANDARD_IA")


def test_objects_that_could_not_be_removed_are_no_success(store: S3Store, stub: Stubber) -> None:
    wanted = {"Bucket": BUCKET, "Delete": {"Objects": [{"Key": "a"}, {"Key": "b"}], "Quiet": True}}
    stub.add_response("delete_objects", {"Errors": [{"Key": "b", "Code": "InternalError"}]}, wanted)
    with pytest.raises(Unavailable):
        store.remove(["a", "b"])
    stub.add_response("delete_objects", {"Errors": [{"Key": "b", "Code": "NoSuchKey"}]}, wanted)
    store.remove(["a", "b"])


def test_setting_up_makes_the_bucket_closes_it_and_lets_our_pages_put(store: S3Store, stub: Stubber) -> None:
    stub.add_client_error("head_bucket", "404", http_status_code=404)
    stub.add_response(
        "create_bucket",
        {},
        {"Bucket": BUCKET, "CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}},
    )
    stub.add_response("put_public_access_block", {}, {"Bucket": BUCKET, "PublicAccessBlockConfiguration": PRIVATE})
    stub.add_response("put_bucket_cors", {}, {"Bucket": BUCKET, "CORSConfiguration": {"CORSRules": [CORS]}})
    assert store.set_up() == ["bucket made", "public access block set", "bucket cors set"]


def _answers(stub: Stubber, cors: Any, access: Any) -> None:
    stub.add_response("head_bucket", {}, {"Bucket": BUCKET})
    for operation, answer in (("get_bucket_cors", cors), ("get_public_access_block", access)):
        if isinstance(answer, str):
            stub.add_client_error(operation, answer, http_status_code=404)
        elif answer is not None:
            stub.add_response(operation, answer, {"Bucket": BUCKET})


def test_a_bucket_that_was_set_up_is_ready(store: S3Store, stub: Stubber) -> None:
    _answers(stub, {"CORSRules": [CORS]}, {"PublicAccessBlockConfiguration": PRIVATE})
    store.check()


@pytest.mark.parametrize(
    ("cors", "access", "told"),
    [
        ("NoSuchCORSConfiguration", None, "CORS"),
        ({"CORSRules": [{**CORS, "AllowedOrigins": ["https://other.example"]}]}, None, "CORS"),
        ({"CORSRules": [{**CORS, "AllowedMethods": ["GET"]}]}, None, "CORS"),
        ({"CORSRules": [{**CORS, "AllowedHeaders": ["content-type"]}]}, None, "CORS"),
        ({"CORSRules": [CORS]}, "NoSuchPublicAccessBlockConfiguration", "public access block"),
        (
            {"CORSRules": [CORS]},
            {"PublicAccessBlockConfiguration": {**PRIVATE, "BlockPublicPolicy": False}},
            "public access block",
        ),
    ],
)
def test_readiness_says_what_of_the_bucket_is_missing(
    store: S3Store, stub: Stubber, cors: Any, access: Any, told: str
) -> None:
    _answers(stub, cors, access)
    with pytest.raises(Unavailable, match=f"(?i){told}.*bucket-setup"):
        store.check()


def test_on_aws_a_setting_that_cannot_be_read_is_no_readiness(store: S3Store, stub: Stubber) -> None:
    stub.add_response("head_bucket", {}, {"Bucket": BUCKET})
    stub.add_client_error("get_bucket_cors", "NotImplemented", http_status_code=501)
    with pytest.raises(Unavailable):
        store.check()
