"""One error hierarchy: each kind says its HTTP status and whether an event that met it is tried again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """A refusal with a meaning, told to the caller as problem+json and never retried by a consumer.

    `code` is the problem type's last segment; `detail` is a sentence for people; `errors` maps fields to messages.
    """

    status = 400
    code = "bad-request"
    retryable = False

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code or type(self).code
        self.detail = detail or title_of(self.code) + "."
        self.errors = dict(errors) if errors else None
        self.retry_after = retry_after
        self.headers = dict(headers or {})
        super().__init__(f"{self.code}: {self.detail}")

    def to_problem(self, request_id: str) -> dict[str, object]:
        """The RFC 9457 body of this error."""
        problem: dict[str, object] = {
            "type": f"/problems/{self.code}",
            "title": title_of(self.code),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        if self.errors:
            problem["errors"] = self.errors
        return problem


class Malformed(DomainError):
    """The request can't be read."""

    status, code = 400, "malformed"


class Unauthenticated(DomainError):
    """Nobody, or nobody we believe, is calling."""

    status, code = 401, "unauthenticated"


class PaymentRequired(DomainError):
    """Something is used up that can be bought."""

    status, code = 402, "payment-required"


class Forbidden(DomainError):
    """The caller is known and may not do this."""

    status, code = 403, "forbidden"


class NotFound(DomainError):
    """There is no such thing, or none that the caller may know of."""

    status, code = 404, "not-found"


class MethodNotAllowed(DomainError):
    """The path exists, not with this method."""

    status, code = 405, "method-not-allowed"


class Conflict(DomainError):
    """The state of things does not allow it."""

    status, code = 409, "conflict"


class TooLarge(DomainError):
    """The body is larger than we read."""

    status, code = 413, "too-large"


class UnsupportedType(DomainError):
    """The body is of a content type that we do not read."""

    status, code = 415, "unsupported-type"


class Invalid(DomainError):
    """Fields are wrong; `errors` says which."""

    status, code = 422, "validation-failed"


class RateLimited(DomainError):
    """Too many tries; `retry_after` says how long to wait."""

    status, code = 429, "rate-limited"


class Internal(DomainError):
    """A defect of ours: told without any detail, retried by consumers like any other exception."""

    status, code, retryable = 500, "internal", True


class Unavailable(DomainError):
    """A dependency is away or its answer is unknown: never told as a refusal, always worth repeating."""

    status, code, retryable = 503, "unavailable", True

    def __init__(self, detail: str = "", *, retry_after: int | None = 1, **more: object) -> None:
        text = detail or "The service is not available at the moment. Please try again."
        super().__init__(text, retry_after=retry_after, **more)  # type: ignore[arg-type]  # the rest is passed as given


KINDS: tuple[type[DomainError], ...] = (
    Malformed, Unauthenticated, PaymentRequired, Forbidden, NotFound, MethodNotAllowed, Conflict, TooLarge,
    UnsupportedType, Invalid, RateLimited, Internal, Unavailable,
)  # fmt: skip


def title_of(code: str) -> str:
    """`quota-exhausted` → `Quota exhausted`: the fixed, human title of a problem type."""
    return code.replace("-", " ").capitalize()


def of_status(status: int) -> type[DomainError]:
    """The kind that stands for an HTTP status."""
    for kind in KINDS:
        if kind.status == status:
            return kind
    return Internal if status >= 500 else DomainError


def from_problem(
    status: int, body: object, *, retry_after: int | None = None, headers: Mapping[str, str] | None = None
) -> DomainError:
    """The error that a neighbour told us, to be raised again here unchanged; `headers`: those that belong to it."""
    problem = body if isinstance(body, dict) else {}
    kind = of_status(status)
    told = problem.get("errors")
    error = kind(
        str(problem.get("detail") or ""),
        code=str(problem.get("code") or kind.code),
        errors=told if isinstance(told, dict) else None,
    )
    error.status = status
    error.retry_after = retry_after or error.retry_after
    error.headers.update(headers or {})
    return error
