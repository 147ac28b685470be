"""What HTTP servers refuse by themselves, before any service sees it, told like every other error."""

from __future__ import annotations

import json
import secrets

from chassis import errors
from chassis.context import REQUEST_ID_HEADER
from chassis.web.app import PROBLEM_TYPE


def refusal(status: int) -> tuple[str, list[tuple[str, str]], bytes]:
    """Status line, headers and body in place of what a server would say under that status.

    Whatever a client sends is not our failure, so only 500 and 503 stay.
    """
    problem = _problem(status)
    request_id = secrets.token_hex(12)
    headers = [
        ("Content-Type", PROBLEM_TYPE),
        (REQUEST_ID_HEADER, request_id),
        ("X-Content-Type-Options", "nosniff"),
    ]
    body = json.dumps(problem.to_problem(request_id)).encode()
    return f"{problem.status} {errors.title_of(problem.code)}", headers, body


def _problem(status: int) -> errors.DomainError:
    if status == 413:
        return errors.TooLarge("The body is too large.")
    if status in (414, 431):
        return errors.Malformed("The address or the headers are too long.")
    if status == 500:
        return errors.Internal("Something went wrong on our side.")
    if status == 503:
        return errors.Unavailable()
    return errors.Malformed("The request is malformed.")
