"""The settings of media-svc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chassis.config import Common, ConfigError, Env

CLASSIFIERS = ("nudenet", "rekognition", "http")


@dataclass(frozen=True)
class StoreConfig:
    """The object store: a bucket, or without one a folder."""

    folder: Path
    bucket: str | None
    region: str
    endpoint: str | None
    access_key: str | None = field(repr=False)
    secret_key: str | None = field(repr=False)


@dataclass(frozen=True)
class CdnConfig:
    """CloudFront; without a domain the local edge. Without a key one is derived from SECRET_KEY."""

    domain: str | None
    key_pair_id: str
    private_key: str | None = field(repr=False)
    distribution_id: str | None


@dataclass(frozen=True)
class PolicyConfig:
    """The policy check (MEDIA-4)."""

    classifier: str
    http_url: str | None
    http_key: str | None = field(repr=False)
    hash_list: Path | None


@dataclass(frozen=True)
class Config:
    """What media-svc needs to know."""

    common: Common
    site_url: str
    store: StoreConfig
    cdn: CdnConfig
    policy: PolicyConfig
    processing_workers: int

    @classmethod
    def from_env(cls, values: Mapping[str, str]) -> Config:
        env = Env(values)
        common = Common.from_env(values, "media-svc")
        return cls(
            common=common,
            site_url=env.url("SITE_URL", "http://127.0.0.1:8080"),
            store=_store(env),
            cdn=_cdn(env, production=common.production),
            policy=_policy(env),
            processing_workers=env.integer("PROCESSING_WORKERS", 2, at_least=1),
        )


def _store(env: Env) -> StoreConfig:
    access, secret = env.optional("AWS_ACCESS_KEY_ID"), env.optional("AWS_SECRET_ACCESS_KEY")
    if (access is None) != (secret is None):
        raise ConfigError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together")
    return StoreConfig(
        folder=Path(env.text("MEDIA_FOLDER", ".duet/media")).expanduser().absolute(),
        bucket=env.optional("AWS_S3_BUCKET"),
        region=env.text("AWS_REGION", "us-east-1"),
        endpoint=env.optional_url("AWS_ENDPOINT_URL_S3"),
        access_key=access,
        secret_key=secret,
    )


def _cdn(env: Env, *, production: bool) -> CdnConfig:
    private_key = env.pem("CF_PRIVATE_KEY") if env.optional("CF_PRIVATE_KEY") else None
    domain = env.optional("CF_DOMAIN")
    if private_key is None and domain is not None:
        raise ConfigError("CF_PRIVATE_KEY is not set, but CF_DOMAIN is")
    if private_key is None and production:
        raise ConfigError("CF_PRIVATE_KEY is not set; a derived key is for development only")
    if private_key is not None and domain is not None and env.optional("CF_KEY_PAIR_ID") is None:
        raise ConfigError("CF_KEY_PAIR_ID is not set, but CF_DOMAIN is")
    return CdnConfig(domain, env.text("CF_KEY_PAIR_ID", "local"), private_key, env.optional("CF_DISTRIBUTION_ID"))


def _policy(env: Env) -> PolicyConfig:
    classifier = env.choice("MEDIA_CLASSIFIER", "nudenet", CLASSIFIERS)
    url = env.optional_url("NSFW_API_URL")
    if classifier == "http" and url is None:
        raise ConfigError("NSFW_API_URL is not set, but MEDIA_CLASSIFIER is http")
    hash_list = env.optional("MEDIA_HASHLIST")
    return PolicyConfig(classifier, url, env.optional("NSFW_API_KEY"), Path(hash_list) if hash_list else None)
