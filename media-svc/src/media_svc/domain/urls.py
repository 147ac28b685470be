"""CloudFront's policies: what a signed URL allows, canned or custom, and whether it allows this look."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Hash = Literal["SHA1", "SHA256"]
_EPOCH = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_FROM_URL = str.maketrans("-_~", "+=/")
_TO_URL = str.maketrans("+=/", "-_~")
_LONGEST_POLICY = 4_096
_NAMES = frozenset(("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"))


@dataclass(frozen=True)
class SignedPolicy:
    """The policy of a URL with what vouches for it: `text` is what was signed."""

    text: bytes
    signature: bytes
    key_pair_id: str
    hash: Hash


def canned_policy(resource: str, expires_at: int) -> bytes:
    """The policy that a URL with `Expires` stands for, byte by byte as CloudFront makes it again."""
    condition = {"DateLessThan": {"AWS:EpochTime": expires_at}}
    return json.dumps({"Statement": [{"Resource": resource, "Condition": condition}]}, separators=(",", ":")).encode()


def to_url(raw: bytes) -> str:
    """CloudFront's base64."""
    return base64.b64encode(raw).decode("ascii").translate(_TO_URL)


def read_policy(resource: str, query: Mapping[str, Sequence[str]]) -> SignedPolicy | None:
    """The signed policy that a URL brings, or None where its query is no signed one. Nothing is verified yet.

    Further parameters are part of the resource to CloudFront; none of our URLs has any, so they spoil it.
    """
    if not set(query) <= _NAMES or any(len(values) != 1 for values in query.values()):
        return None
    told = {name: values[0] for name, values in query.items()}
    given = set(told) - {"Hash-Algorithm"}
    if given == {"Expires", "Signature", "Key-Pair-Id"}:
        if not _EPOCH.fullmatch(told["Expires"]):
            return None
        text: bytes | None = canned_policy(resource, int(told["Expires"]))
    elif given == {"Policy", "Signature", "Key-Pair-Id"}:
        text = _from_url(told["Policy"])
    else:
        return None
    signature = _from_url(told["Signature"])
    digest = told.get("Hash-Algorithm", "SHA1")
    if text is None or signature is None or digest not in ("SHA1", "SHA256"):
        return None
    return SignedPolicy(text, signature, told["Key-Pair-Id"], "SHA1" if digest == "SHA1" else "SHA256")


def allows(policy: bytes, resource: str, now: float, address: str | None) -> bool:
    """Whether a policy whose signature is good lets `address` see `resource` at `now` (Unix seconds)."""
    try:
        document = json.loads(policy)
        (statement,) = document["Statement"]
        condition = statement["Condition"]
        pattern, until = statement["Resource"], _epoch(condition["DateLessThan"])
        since = _epoch(condition["DateGreaterThan"]) if "DateGreaterThan" in condition else 0
        network = condition["IpAddress"]["AWS:SourceIp"] if "IpAddress" in condition else None
        if set(document) != {"Statement"} or set(statement) != {"Resource", "Condition"}:
            return False
        if not set(condition) <= {"DateLessThan", "DateGreaterThan", "IpAddress"}:
            return False
        return since <= now < until and _covers(pattern, resource) and (network is None or _within(address, network))
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _epoch(condition: Mapping[str, Any]) -> int:
    moment = condition["AWS:EpochTime"]
    if type(moment) is not int:
        raise ValueError("no epoch time")
    return moment


def _covers(pattern: str, resource: str) -> bool:
    """`*` stands for any number of characters, `?` for one."""
    if pattern.count("*") > 8:
        return False
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), resource, re.DOTALL) is not None


def _within(address: str | None, network: str) -> bool:
    found = ipaddress.ip_network(network, strict=False)
    if found.prefixlen == 0:
        return True
    return address is not None and ipaddress.ip_address(address) in found


def _from_url(text: str) -> bytes | None:
    if len(text) > _LONGEST_POLICY:
        return None
    try:
        return base64.b64decode(text.encode("ascii").decode().translate(_FROM_URL), validate=True)
    except (binascii.Error, ValueError):
        return None
