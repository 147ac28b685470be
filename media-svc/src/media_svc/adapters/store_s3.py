"""The object store on S3, or on a server that speaks it, through boto3 with SigV4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import boto3
import structlog
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from chassis.errors import Unavailable
from media_svc.config import StoreConfig
from media_svc.domain.presigned import CREATE_ONLY
from media_svc.ports import AlreadyStored, NoColderClass, NoObject, PresignedPut, StorageClass, StoredObject

log = structlog.get_logger("store")

PIECE = 256 * 1024
_ABSENT = frozenset(("404", "NoSuchKey", "NotFound"))
_TAKEN = frozenset(("412", "PreconditionFailed"))
_NOT_OFFERED = frozenset(("NotImplemented", "501", "MethodNotAllowed", "405"))
_NO_CLASS = frozenset(("InvalidStorageClass", "NotImplemented"))
_NOT_SET = frozenset(("NoSuchCORSConfiguration", "NoSuchPublicAccessBlockConfiguration"))
PRIVATE = {
    "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True,
}  # fmt: skip


def s3_client(config: StoreConfig) -> Any:
    """boto3's client; without keys it finds the machine's own role."""
    return boto3.client(
        "s3",
        region_name=config.region,
        endpoint_url=config.endpoint,
        aws_access_key_id=config.access_key,
        aws_secret_access_key=config.secret_key,
        config=ClientConfig(
            # Without it presigned URLs fall back to a scheme that signs no length.
            signature_version="s3v4",
            s3={"addressing_style": "path" if config.endpoint else "virtual"},
            # What boto3 adds by itself would have to be sent by whoever puts, and some servers refuse it.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=3,
            read_timeout=20,
            retries={"mode": "standard", "max_attempts": 3},
            max_pool_connections=32,
        ),
    )


class S3Store:
    """Objects in one private bucket. `site_url`: the origin whose pages may put and read."""

    def __init__(self, config: StoreConfig, site_url: str, client: Any = None) -> None:
        self._bucket = config.bucket
        self._foreign = config.endpoint is not None
        self._site_url = site_url
        self._client = client or s3_client(config)

    def presign_put(self, key: str, *, content_type: str, size: int, seconds: int) -> PresignedPut:
        url = self._client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket, "Key": key, "ContentType": content_type, "ContentLength": size,
                "IfNoneMatch": CREATE_ONLY,
            },
            ExpiresIn=seconds,
            HttpMethod="PUT",
        )  # fmt: skip
        return PresignedPut(url, {"Content-Type": content_type, "If-None-Match": CREATE_ONLY})

    def head(self, key: str) -> StoredObject | None:
        try:
            with self._reaching(key):
                found = self._client.head_object(Bucket=self._bucket, Key=key)
        except NoObject:
            return None
        return StoredObject(
            key, found["ContentLength"], found.get("ContentType", ""), found["LastModified"],
            _class_of(found.get("StorageClass")),
        )  # fmt: skip

    def fetch(self, key: str, target: Path, *, at_most: int) -> None:
        with self._reaching(key):
            found = self._client.get_object(Bucket=self._bucket, Key=key)
            with closing(found["Body"]) as body, target.open("wb") as out:
                if found["ContentLength"] > at_most:
                    raise ValueError(f"more than {at_most} bytes")
                for piece in body.iter_chunks(PIECE):
                    out.write(piece)

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        if length <= 0:
            return iter(())
        with self._reaching(key):
            found = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{start + length - 1}")
        return cast(Iterator[bytes], _Pieces(found["Body"]))

    def put_new(self, key: str, source: Path, *, content_type: str, cache_control: str) -> None:
        with self._reaching(key), source.open("rb") as body:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentLength=source.stat().st_size,
                ContentType=content_type, CacheControl=cache_control, IfNoneMatch=CREATE_ONLY,
            )  # fmt: skip

    def put_tombstone(self, key: str) -> None:
        with self._reaching(key):
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=b"", ContentType="application/octet-stream", CacheControl="no-store"
            )

    def move(self, source: str, target: str) -> None:
        try:
            with self._reaching(source):
                self._client.copy_object(
                    Bucket=self._bucket, Key=target, CopySource={"Bucket": self._bucket, "Key": source}
                )
        except NoObject:
            if self.head(target) is None:
                raise
            return
        self.remove([source])

    def remove(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), 1000):
            wanted = [{"Key": key} for key in keys[start : start + 1000]]
            with self._reaching("-"):
                answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": wanted, "Quiet": True})
            if left := [error for error in answer.get("Errors", ()) if error.get("Code") not in _ABSENT]:
                log.warning("objects_not_removed", count=len(left), code=left[0].get("Code"))
                raise Unavailable("Some objects could not be removed.")

    def list(self, prefix: str) -> Iterator[StoredObject]:
        with self._reaching("-"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                for found in page.get("Contents", ()):
                    # A listing knows no content types.
                    yield StoredObject(
                        found["Key"], found["Size"], "", found["LastModified"], _class_of(found.get("StorageClass"))
                    )

    def set_storage_class(self, key: str, storage_class: StorageClass) -> None:
        with self._reaching(key):
            try:
                self._client.copy_object(
                    Bucket=self._bucket, Key=key, CopySource={"Bucket": self._bucket, "Key": key},
                    StorageClass=storage_class, MetadataDirective="COPY",
                )  # fmt: skip
            except ClientError as error:
                if self._foreign and _code(error) in _NO_CLASS:
                    raise NoColderClass from error
                raise

    def check(self) -> None:
        with self._reaching("-"):
            try:
                self._client.head_bucket(Bucket=self._bucket)
            except ClientError as error:
                if _code(error) in ("404", "NoSuchBucket"):
                    raise Unavailable("The bucket is missing: run `duet media bucket-setup`.") from error
                raise
            cors = self._setting("get_bucket_cors")
            if cors is not None and not any(_lets_put(rule, self._site_url) for rule in cors.get("CORSRules", ())):
                raise Unavailable("CORS of the bucket is missing: run `duet media bucket-setup`.")
            access = self._setting("get_public_access_block")
            if access is not None and access.get("PublicAccessBlockConfiguration") != PRIVATE:
                raise Unavailable("The public access block is missing: run `duet media bucket-setup`.")

    def set_up(self) -> Sequence[str]:
        """Make the bucket where it is missing, and say what was set: CORS for our pages, no public access."""
        done = []
        with self._reaching("-"):
            try:
                self._client.head_bucket(Bucket=self._bucket)
            except ClientError as error:
                if _code(error) not in ("404", "NoSuchBucket"):
                    raise
                region = self._client.meta.region_name
                where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
                self._client.create_bucket(Bucket=self._bucket, **where)
                done.append("bucket made")
            done.append(self._put_setting("put_public_access_block", PublicAccessBlockConfiguration=PRIVATE))
            done.append(self._put_setting("put_bucket_cors", CORSConfiguration={"CORSRules": [_cors(self._site_url)]}))
        return done

    def _setting(self, operation: str) -> dict[str, Any] | None:
        """A bucket's setting; empty where it is not set, None where a server that is not AWS has no such thing."""
        try:
            return cast(dict[str, Any], getattr(self._client, operation)(Bucket=self._bucket))
        except ClientError as error:
            if self._foreign and _code(error) in _NOT_OFFERED:
                return None
            if _code(error) in _NOT_SET:
                return {}
            raise

    def _put_setting(self, operation: str, **settings: Any) -> str:
        name = operation.removeprefix("put_").replace("_", " ")
        try:
            getattr(self._client, operation)(Bucket=self._bucket, **settings)
        except ClientError as error:
            if self._foreign and _code(error) in _NOT_OFFERED:
                return f"{name}: this server has none"
            raise
        return f"{name} set"

    @contextmanager
    def _reaching(self, key: str) -> Iterator[None]:
        """Raises NoObject, AlreadyStored, and Unavailable for everything that is no answer about the object."""
        try:
            yield
        except ClientError as error:
            if _code(error) in _ABSENT:
                raise NoObject(key) from error
            if _code(error) in _TAKEN:
                raise AlreadyStored(key) from error
            log.warning("store_refused", code=_code(error), operation=error.operation_name)
            raise Unavailable("The media store is not available at the moment.") from error
        except (BotoCoreError, HTTPError) as error:
            log.warning("store_away", error=type(error).__name__)
            raise Unavailable("The media store is not available at the moment.") from error


class _Pieces:
    """The body of an answer in pieces; closed at its end, or by who stops earlier."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self._chunks = body.iter_chunks(PIECE)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return cast(bytes, next(self._chunks))
        except StopIteration:
            self.close()
            raise

    def close(self) -> None:
        self._body.close()


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _class_of(told: str | None) -> StorageClass:
    return "STANDARD_IA" if told == "STANDARD_IA" else "STANDARD"


def _cors(site_url: str) -> dict[str, Any]:
    return {
        "AllowedOrigins": [site_url], "AllowedMethods": ["PUT"], "AllowedHeaders": ["content-type", "if-none-match"],
        "MaxAgeSeconds": 3600,
    }  # fmt: skip


def _lets_put(rule: dict[str, Any], site_url: str) -> bool:
    headers = {header.lower() for header in rule.get("AllowedHeaders", ())}
    return (
        bool({site_url, "*"} & set(rule.get("AllowedOrigins", ())))
        and "PUT" in rule.get("AllowedMethods", ())
        and ("*" in headers or {"content-type", "if-none-match"} <= headers)
    )
