"""Identity tokens: only the right one, for us, in time, signed by who it says, is believed."""

import base64
import json
import threading
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from chassis.auth import CLOCK_SKEW_S, LIFETIME_S, Signer, Verifier, generate_keys
from chassis.errors import Unauthenticated
from chassis.testing import Keys


def verifier(keys: Keys, audience: str = "chat-svc") -> Verifier:
    return Verifier(audience, json.loads(keys.jwks)["keys"])


def private(keys: Keys, name: str) -> Any:
    return serialization.load_pem_private_key(keys.pems[name].encode(), password=None)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    told = {
        "iss": "gateway", "aud": "chat-svc", "sub": "alice", "role": "user", "sid": "s", "iat": now,
        "exp": now + 60, "jti": "j",
    }  # fmt: skip
    return {name: value for name, value in {**told, **changes}.items() if value is not None}


def token(keys: Keys, kid: str = "gateway", key_of: str | None = None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), private(keys, key_of or kid), algorithm="EdDSA", headers={"kid": kid})


def part(value: Any) -> str:
    return (
        base64.urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).decode().rstrip("=")
    )


def test_a_signed_identity_is_believed(keys: Keys) -> None:
    identity = verifier(keys).verify(keys.signer("gateway").token("chat-svc", subject="alice", role="user"))
    assert (identity.subject, identity.role, identity.issuer, identity.is_user) == ("alice", "user", "gateway", True)


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "role", "sid", "iat", "exp", "jti"])
def test_a_token_without_one_of_its_claims_is_refused(keys: Keys, missing: str) -> None:
    with pytest.raises(Unauthenticated):
        verifier(keys).verify(token(keys, **{missing: None}))


def test_an_expired_token_is_refused(keys: Keys) -> None:
    with pytest.raises(Unauthenticated):
        verifier(keys).verify(token(keys, exp=int(time.time()) - CLOCK_SKEW_S - 1))


def test_a_token_of_the_future_is_refused_beyond_the_skew_of_clocks(keys: Keys) -> None:
    verifier(keys).verify(token(keys, iat=int(time.time()) + 1))
    with pytest.raises(Unauthenticated):
        verifier(keys).verify(token(keys, iat=int(time.time()) + CLOCK_SKEW_S + 30))


def test_a_token_for_another_service_is_refused(keys: Keys) -> None:
    with pytest.raises(Unauthenticated):
        verifier(keys, "ai-svc").verify(token(keys))
    with pytest.raises(Unauthenticated):
        verifier(keys).verify(token(keys, aud="ai-svc"))


def test_a_token_signed_by_another_service_in_the_gateways_name_is_refused(keys: Keys) -> None:
    for forged in (
        token(keys, kid="gateway", key_of="quota-svc"),
        token(keys, kid="quota-svc", iss="gateway"),
        token(keys, kid="nobody", key_of="gateway"),
        token(keys, kid="nobody", key_of="gateway", iss="nobody"),
    ):
        with pytest.raises(Unauthenticated):
            verifier(keys).verify(forged)


def test_unsigned_and_symmetric_tokens_are_refused(keys: Keys) -> None:
    public_x = next(key["x"] for key in json.loads(keys.jwks)["keys"] if key["kid"] == "gateway")
    public_pem = (
        private(keys, "gateway")
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    unsigned = jwt.encode(claims(), None, algorithm="none", headers={"kid": "gateway"})
    raw_public = base64.urlsafe_b64decode(public_x + "==")
    symmetric = jwt.encode(claims(), raw_public, algorithm="HS256", headers={"kid": "gateway"})
    header = {"alg": "HS256", "kid": "gateway"}
    signing = f"{part(header)}.{part(claims())}".encode()
    by_pem = (
        signing.decode()
        + "."
        + part(jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(signing, public_pem))
    )
    for forged in (unsigned, symmetric, by_pem):
        with pytest.raises(Unauthenticated):
            verifier(keys).verify(forged)


def test_a_tampered_token_is_refused(keys: Keys) -> None:
    head, body, signature = token(keys).split(".")
    other = part(claims(sub="bob"))
    for forged in (
        f"{head}.{other}.{signature}",
        f"{head}.{body}.{signature[::-1]}",
        f"{head}.{body}.",
        f"{head}.{body}",
    ):
        with pytest.raises(Unauthenticated):
            verifier(keys).verify(forged)


@pytest.mark.parametrize(
    "garbage",
    [
        "", "x", "a.b.c", "…", "a b c", ".", "..", "..." * 1000, "\x00", "é.é.é",
        f"{part(b'[' * 100_000)}.x.y",
        f"{part({'alg': 'EdDSA', 'kid': 5})}.x.y",
        f"{part({'alg': 'EdDSA', 'kid': None})}.x.y",
        f"{part({'alg': 'EdDSA', 'kid': ['gateway']})}.x.y",
        f"{part([])}.x.y",
        f"{part(b'9' * 5000)}.x.y",
    ],
)  # fmt: skip
def test_garbage_is_refused(keys: Keys, garbage: str) -> None:
    with pytest.raises(Unauthenticated):
        verifier(keys).verify(garbage)


def test_both_keys_of_one_name_are_believed_while_they_are_changed(keys: Keys) -> None:
    others, other_jwks = generate_keys(["gateway"])
    both = Verifier("chat-svc", [*json.loads(keys.jwks)["keys"], *json.loads(other_jwks)["keys"]])
    for signer in (keys.signer("gateway"), Signer("gateway", others["gateway"])):
        assert both.verify(signer.token("chat-svc", subject="alice", role="user")).subject == "alice"
    third, _jwks = generate_keys(["gateway"])
    with pytest.raises(Unauthenticated):
        both.verify(Signer("gateway", third["gateway"]).token("chat-svc", subject="alice", role="user"))


def test_a_kept_verdict_ends_with_its_token(keys: Keys) -> None:
    judge = verifier(keys)
    short = token(keys, exp=int(time.time()) + 3)
    assert judge.verify(short) is judge.verify(short)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            judge.verify(short)
        except Unauthenticated:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the token was believed long after its end")


def test_a_token_is_kept_for_its_caller_and_version_only(keys: Keys) -> None:
    signer = keys.signer("gateway")
    one = signer.token("chat-svc", subject="alice", role="user", session_id="s", version="1")
    assert one == signer.token("chat-svc", subject="alice", role="user", session_id="s", version="1")
    others = {
        signer.token("ai-svc", subject="alice", role="user", session_id="s", version="1"),
        signer.token("chat-svc", subject="bob", role="user", session_id="s", version="1"),
        signer.token("chat-svc", subject="alice", role="admin", session_id="s", version="1"),
        signer.token("chat-svc", subject="alice", role="user", session_id="t", version="1"),
        signer.token("chat-svc", subject="alice", role="user", session_id="s", version="2"),
    }
    assert len(others | {one}) == 6
    life = jwt.decode(one, options={"verify_signature": False})
    assert life["exp"] - life["iat"] <= LIFETIME_S + 1


def test_many_threads_verify_at_once(keys: Keys) -> None:
    judge, signer = verifier(keys), keys.signer("gateway")
    wrong: list[str] = []

    def work(n: int) -> None:
        for m in range(50):
            name = f"{n}-{m % 5}"
            if judge.verify(signer.token("chat-svc", subject=name, role="user")).subject != name:
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_only_ed25519_keys_are_taken() -> None:
    with pytest.raises(ValueError):
        Verifier("chat-svc", [{"kty": "oct", "k": "c2VjcmV0", "kid": "gateway"}])


def test_after_a_clock_was_set_back_no_token_of_the_future_is_sent(keys: Keys) -> None:
    ahead = 300.0
    signer = Signer("chat-svc", keys.pems["chat-svc"], clock=lambda: time.time() + ahead)
    with pytest.raises(Unauthenticated):
        verifier(keys, "quota-svc").verify(signer.service_token("quota-svc"))
    ahead = 0.0
    assert verifier(keys, "quota-svc").verify(signer.service_token("quota-svc")).issuer == "chat-svc"
