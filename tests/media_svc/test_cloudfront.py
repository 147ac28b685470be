"""Signed URLs as CloudFront makes and judges them, held against botocore's own signer (MEDIA-6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.signers import CloudFrontSigner as BotocoreSigner
from botocore.stub import ANY, Stubber
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from chassis.config import ConfigError
from chassis.errors import Forbidden, Unavailable
from media_svc.adapters.cloudfront import (
    CloudFrontEdge,
    CloudFrontSigner,
    LocalVerifier,
    PrivateKey,
    derived_key,
    read_key,
    signature_of,
)
from media_svc.domain.urls import to_url

BASE = "http://duet.test/cdn/"
KEY = "chat/0190e0f0-0000-7000-8000-000000000000/0190e0f0-0000-7000-8000-000000000001/full.webp"
NOW = 1_800_000_000
PAIR = "K2JCJMDEHXQW5F"


def rsa_key() -> PrivateKey:
    return rsa.generate_private_key(65537, 2048)


def ecdsa_key() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(params=[rsa_key, ecdsa_key], ids=["rsa", "ecdsa"])
def key(request: pytest.FixtureRequest) -> PrivateKey:
    make: Callable[[], PrivateKey] = request.param
    return make()


def pem(key: Any) -> str:
    return str(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )


def botocore_url(key: PrivateKey, url: str, **limits: Any) -> str:
    """What botocore makes of it, given the same signature function."""
    return str(BotocoreSigner(PAIR, lambda message: signature_of(key, message)).generate_presigned_url(url, **limits))


def verify(key: PrivateKey, url: str, *, address: str | None = None, now: float = NOW, pair: str = PAIR) -> None:
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True)
    LocalVerifier(BASE, pair, key, clock=lambda: now).verify(parts.path.removeprefix("/cdn/"), query, address)


def custom(resource: str, *, until: Any = NOW + 60, **condition: Any) -> str:
    return json.dumps(
        {"Statement": [{"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": until}, **condition}}]}
    )


def test_our_canned_urls_are_those_of_botocore(key: PrivateKey) -> None:
    until = datetime.fromtimestamp(NOW + 300, UTC)
    ours = CloudFrontSigner("https://d1.cloudfront.net/", PAIR, key, relative=False).sign(KEY, NOW + 300)
    assert ours == botocore_url(key, f"https://d1.cloudfront.net/{KEY}", date_less_than=until)


def test_the_signature_is_sha1_by_pkcs1_or_ecdsa_in_der_as_openssl_makes_it(key: PrivateKey) -> None:
    """`openssl dgst -sha1 -sign key.pem`, which CloudFront's manual gives for both kinds of keys."""
    public = key.public_key()
    signature = signature_of(key, b"policy")
    sha1 = hashes.SHA1()  # noqa: S303 - CloudFront's choice
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, b"policy", padding.PKCS1v15(), sha1)
    else:
        public.verify(signature, b"policy", ec.ECDSA(sha1))


def test_a_url_is_the_same_each_time_it_is_signed_for_a_window(key: PrivateKey) -> None:
    signer = CloudFrontSigner(BASE, PAIR, key, relative=True)
    assert len({signer.sign(KEY, NOW + 300) for _ in range(5)}) == 1
    assert signer.sign(KEY, NOW + 301) != signer.sign(KEY, NOW + 300)


def test_local_urls_are_paths_that_hold_for_the_whole_address(key: PrivateKey) -> None:
    url = CloudFrontSigner(BASE, PAIR, key, relative=True).sign(KEY, NOW + 300)
    assert url.startswith(f"/cdn/{KEY}?Expires={NOW + 300}&Signature=")
    verify(key, url)


def test_botocore_s_canned_and_custom_urls_are_accepted(key: PrivateKey) -> None:
    verify(key, botocore_url(key, BASE + KEY, date_less_than=datetime.fromtimestamp(NOW + 1, UTC)))
    folder = BASE + KEY.rsplit("/", 1)[0]
    policies = [
        custom(BASE + KEY),
        custom(f"{folder}/*"),
        custom("http*://duet.test/*"),
        custom(f"{BASE}{KEY[:-1]}?"),
        custom(BASE + KEY, DateGreaterThan={"AWS:EpochTime": NOW - 5}),
        custom(BASE + KEY, IpAddress={"AWS:SourceIp": "192.0.2.0/24"}),
        custom(BASE + KEY, IpAddress={"AWS:SourceIp": "0.0.0.0/0"}),
        BotocoreSigner(PAIR, lambda _message: b"").build_policy(
            f"{folder}/*", datetime.fromtimestamp(NOW + 1, UTC), datetime.fromtimestamp(NOW - 1, UTC), "192.0.2.7"
        ),
    ]
    for policy in policies:
        verify(key, botocore_url(key, BASE + KEY, policy=policy), address="192.0.2.7")


def test_a_custom_policy_is_held_to_what_it_says(key: PrivateKey) -> None:
    policies = [
        custom(BASE + KEY, until=NOW),
        custom(BASE + KEY, DateGreaterThan={"AWS:EpochTime": NOW + 1}),
        custom(BASE + KEY, IpAddress={"AWS:SourceIp": "192.0.2.8/32"}),
        custom(BASE + KEY, IpAddress={"AWS:SourceIp": "nonsense"}),
        custom(BASE + KEY[:-1]),
        custom(BASE + "avatars/*"),
        custom("https://other.test/*"),
        custom(BASE + KEY.replace(".", "?") + "?"),
        custom("*" * 9),
        custom(BASE + KEY, until=str(NOW + 60)),
        custom(BASE + KEY, until=True),
        custom(BASE + KEY, Unknown={}),
        json.dumps({"Statement": []}),
        json.dumps({"Statement": [{"Resource": "*"}]}),
        json.dumps({"Statement": json.loads(custom("*"))["Statement"] * 2}),
        json.dumps([1]),
        "[" * 3000,
        "not json",
    ]
    for policy in policies:
        url = botocore_url(key, BASE + KEY, policy=policy)
        with pytest.raises(Forbidden):
            verify(key, url, address="192.0.2.7")
    with pytest.raises(Forbidden):  # nobody said where the client is
        verify(key, botocore_url(key, BASE + KEY, policy=custom("*", IpAddress={"AWS:SourceIp": "192.0.2.7"})))


def test_sha256_is_accepted_where_the_url_says_so(key: PrivateKey) -> None:
    message = custom(BASE + KEY).encode()
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = key.sign(message, ec.ECDSA(hashes.SHA256()))
    url = f"{BASE}{KEY}?Policy={to_url(message)}&Signature={to_url(signature)}&Key-Pair-Id={PAIR}"
    verify(key, f"{url}&Hash-Algorithm=SHA256")
    for wrong in (url, f"{url}&Hash-Algorithm=SHA1", f"{url}&Hash-Algorithm=MD5"):
        with pytest.raises(Forbidden):
            verify(key, wrong)


def test_a_url_that_was_changed_in_any_part_is_refused(key: PrivateKey) -> None:
    url = CloudFrontSigner(BASE, PAIR, key, relative=True).sign(KEY, NOW + 300)
    signature = parse_qs(urlsplit(url).query)["Signature"][0]
    changed = [
        url.replace("full.webp", "poster.webp"),
        url.replace("chat/", "avatars/"),
        url.replace(f"Expires={NOW + 300}", f"Expires={NOW + 301}"),
        url.replace(f"Expires={NOW + 300}", f"Expires={NOW + 300}.0"),
        url.replace(f"Expires={NOW + 300}", f"Expires=0{NOW + 300}"),
        url.replace(PAIR, "K0"),
        url.replace(signature, signature[:-8] + "AAAAAAAA"),
        url.replace(signature, ""),
        url.replace(signature, "é"),
        url.replace(signature, "!" * 50),
        url.replace("Signature=", "Signature=x&Signature="),
        url.replace("&Signature", "&x=1&Signature"),
        url.replace("Expires=", "expires="),
        url + "&Policy=" + to_url(custom("*").encode()),
        url.split("&", maxsplit=1)[0],
        url.split("?", maxsplit=1)[0],
    ]
    assert url not in changed
    for one in changed:
        with pytest.raises(Forbidden):
            verify(key, one)


def test_a_url_holds_until_its_last_second_and_no_longer(key: PrivateKey) -> None:
    url = CloudFrontSigner(BASE, PAIR, key, relative=True).sign(KEY, NOW)
    verify(key, url, now=NOW - 0.001)
    with pytest.raises(Forbidden):
        verify(key, url, now=NOW)


def test_a_key_of_somebody_else_signs_nothing_here(key: PrivateKey) -> None:
    for other in (rsa_key(), ecdsa_key()):
        with pytest.raises(Forbidden):
            verify(key, CloudFrontSigner(BASE, PAIR, other, relative=True).sign(KEY, NOW + 300))


def test_without_a_key_every_process_derives_the_same_from_the_secret() -> None:
    url = CloudFrontSigner(BASE, "local", derived_key("one secret"), relative=True).sign(KEY, NOW + 300)
    verify(derived_key("one secret"), url, pair="local")
    with pytest.raises(Forbidden):
        verify(derived_key("another secret"), url, pair="local")


def test_rsa_and_p256_keys_are_read_and_others_refused(key: PrivateKey) -> None:
    assert pem(read_key(pem(key))) == pem(key)
    for other in (
        pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - to be refused
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(ed25519.Ed25519PrivateKey.generate()),
        "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----",
    ):
        with pytest.raises(ConfigError, match="CF_PRIVATE_KEY"):
            read_key(other)


def test_an_invalidation_names_the_paths_of_the_distribution() -> None:
    client = boto3.client("cloudfront", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="s")
    edge = CloudFrontEdge("E123", client)
    batch = {"Paths": {"Quantity": 2, "Items": [f"/{KEY}", "/b"]}, "CallerReference": ANY}
    with Stubber(client) as stub:
        stub.add_response(
            "create_invalidation", {"Location": "x"}, {"DistributionId": "E123", "InvalidationBatch": batch}
        )
        edge.forget([KEY, "b"])
        edge.forget([])
        stub.assert_no_pending_responses()
        stub.add_client_error("create_invalidation", "TooManyInvalidationsInProgress", http_status_code=400)
        with pytest.raises(Unavailable):
            edge.forget([KEY])
