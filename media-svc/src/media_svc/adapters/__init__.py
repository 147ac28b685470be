"""Everything that media-svc uses and does not own."""

from __future__ import annotations

from media_svc.adapters import cloudfront
from media_svc.adapters.classifiers import classifier_of
from media_svc.adapters.decoding import SandboxedDecoder
from media_svc.adapters.hash_list import hash_list_of
from media_svc.adapters.nudenet import NudeNetClassifier
from media_svc.adapters.store_local import LocalStore
from media_svc.adapters.store_s3 import S3Store
from media_svc.config import Config
from media_svc.ports import Edge, ObjectStore, Ports, PutReceiver


def connect(config: Config) -> Ports:
    """The adapters that the settings ask for. Raises ConfigError; nothing is called yet."""
    store, receiver = _store(config)
    local = f"{config.site_url}{cloudfront.PATH}"
    base = f"https://{config.cdn.domain}/" if config.cdn.domain else local
    pem = config.cdn.private_key
    key = cloudfront.read_key(pem) if pem else cloudfront.derived_key(config.common.secret_key)
    pair = config.cdn.key_pair_id
    decoder, classifier = SandboxedDecoder(), classifier_of(config.policy, config.store)

    def close() -> None:
        decoder.close()
        if isinstance(classifier, NudeNetClassifier):
            classifier.close()

    return Ports(
        store=store,
        decoder=decoder,
        classifier=classifier,
        hash_list=hash_list_of(config.policy),
        receiver=receiver,
        signer=cloudfront.CloudFrontSigner(base, pair, key, relative=config.cdn.domain is None),
        verifier=cloudfront.LocalVerifier(local, pair, key),
        edge=_edge(config),
        close=close,
    )


def _store(config: Config) -> tuple[ObjectStore, PutReceiver | None]:
    if config.store.bucket is not None:
        return S3Store(config.store, config.site_url), None
    folder = LocalStore(config.store.folder, config.common.secret_key)
    return folder, folder


def _edge(config: Config) -> Edge:
    distribution = config.cdn.distribution_id
    if distribution is None:
        return cloudfront.LocalEdge()
    client = cloudfront.cloudfront_client(config.store.access_key, config.store.secret_key)
    return cloudfront.CloudFrontEdge(distribution, client)
