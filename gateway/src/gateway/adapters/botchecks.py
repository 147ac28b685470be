"""The bot-check providers: ALTCHA (proof of work, no account needed), Cloudflare Turnstile, and none (for tests)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import altcha
import requests
import structlog

from chassis import context
from chassis.errors import Unavailable
from chassis.web import strictjson
from gateway.config import Config, derived_key
from gateway.domain import Action
from gateway.ports import BotCheck, Verdict

log = structlog.get_logger("botcheck")

REFUSED = Verdict(False)
ALTCHA_SECONDS = 600
ALTCHA_COST = 1_000
ALTCHA_COUNTERS = range(500, 1_500)
"""PBKDF2 iterations of one try, and how many tries a solution takes: about 0.3 s of one core in Python."""
TURNSTILE_CONNECT_S, TURNSTILE_ANSWER_S = 1.0, 4.0
TURNSTILE_LONGEST_TOKEN = 2_048
OUR_FAULT = {"missing-input-secret", "invalid-input-secret", "bad-request", "internal-error"}
"""Turnstile's error codes that say nothing about the token."""


class Altcha:
    """Self-hosted proof of work."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._answer_key = derived_key(key, "altcha-answer").hex()

    def challenge(self) -> Mapping[str, Any]:
        """A puzzle whose answer is good for ten minutes."""
        made = altcha.create_challenge(
            algorithm="PBKDF2/SHA-256",
            cost=ALTCHA_COST,
            counter=ALTCHA_COUNTERS.start + secrets.randbelow(len(ALTCHA_COUNTERS)),
            expires_at=int(time.time()) + ALTCHA_SECONDS,
            hmac_secret=self._key,
            hmac_key_secret=self._answer_key,
        )
        return {"provider": "altcha", "challenge": made.to_dict()}

    def verify(self, token: str, action: Action, address: str | None, attempt: UUID) -> Verdict:
        """Whether it is the answer to a puzzle of ours. The nonce, which the signature covers, tells it from others:
        the token itself can be spelled in many ways."""
        try:
            solved = strictjson.loads(base64.b64decode(token, validate=True))
            payload = altcha.Payload.from_dict(solved)
            result = altcha.verify_solution(payload, self._key, hmac_key_secret=self._answer_key)
        except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
            return REFUSED
        if not result.verified:
            return REFUSED
        return Verdict(True, hashlib.sha256(b"altcha:" + payload.challenge.parameters.nonce.encode()).digest())


class Turnstile:
    """Cloudflare Turnstile's siteverify."""

    def __init__(self, site_key: str, secret: str, verify_url: str, hostname: str | None) -> None:
        self._site_key = site_key
        self._secret = secret
        self._url = verify_url
        self._hostname = hostname

    def challenge(self) -> Mapping[str, Any]:
        """What the widget needs."""
        return {"provider": "turnstile", "site_key": self._site_key}

    def verify(self, token: str, action: Action, address: str | None, attempt: UUID) -> Verdict:
        """Ask siteverify; asked again because its answer was lost, it answers the same for the same `attempt`."""
        if not token or len(token) > TURNSTILE_LONGEST_TOKEN:
            return REFUSED
        form = {"secret": self._secret, "response": token, "idempotency_key": str(attempt)}
        if address is not None and "/" not in address:
            form["remoteip"] = address
        answer = self._ask(form)
        codes = answer.get("error-codes")
        faults = {str(code) for code in codes} if isinstance(codes, list) else set()
        if faults & OUR_FAULT:
            log.error("turnstile_misconfigured", codes=sorted(faults & OUR_FAULT))
            raise Unavailable()
        if answer.get("success") is not True or not self._is_ours(answer, action):
            return REFUSED
        return Verdict(True, hashlib.sha256(b"turnstile:" + token.encode()).digest())

    def _is_ours(self, answer: Mapping[str, Any], action: Action) -> bool:
        hostname, given = answer.get("hostname"), answer.get("action")
        if hostname and self._hostname and hostname != self._hostname:
            log.warning("turnstile_foreign_hostname")
            return False
        return not given or given == action

    def _ask(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        for attempt in (1, 2):
            left = context.current().remaining(TURNSTILE_ANSWER_S)
            if left <= 0:
                break
            try:
                timeout = (min(TURNSTILE_CONNECT_S, left), left)
                response = requests.post(self._url, data=form, timeout=timeout, allow_redirects=False)
                if response.status_code < 500:
                    answer = response.json()
                    if isinstance(answer, dict) and "success" in answer:
                        return answer
                cause: str = f"status {response.status_code}"
            except requests.ReadTimeout:
                log.warning("turnstile_slow", attempt=attempt)
                break
            except requests.RequestException as error:
                cause = type(error).__name__
            log.warning("turnstile_away", cause=cause, attempt=attempt)
        raise Unavailable()


class SwitchedOff:
    """Accepts any token that is not empty (`DUET_BOT_CHECK=off`, refused in production)."""

    def __init__(self, shown: BotCheck) -> None:
        self._shown = shown

    def challenge(self) -> Mapping[str, Any]:
        """The usual one, so that clients need not know."""
        return self._shown.challenge()

    def verify(self, token: str, action: Action, address: str | None, attempt: UUID) -> Verdict:
        """Any number of times."""
        return Verdict(bool(token.strip()))


def bot_check(config: Config) -> BotCheck:
    """The provider that the settings choose."""
    if config.bot_check == "turnstile":
        return Turnstile(
            config.turnstile_site_key, config.turnstile_secret, config.turnstile_verify_url, config.hostname
        )
    proof_of_work = Altcha(config.altcha_key)
    return SwitchedOff(proof_of_work) if config.bot_check == "off" else proof_of_work
