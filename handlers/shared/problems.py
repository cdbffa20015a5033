"""What goes wrong, as problem documents (https://www.rfc-editor.org/rfc/rfc9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake in a request."""

    field: str
    """The body's field (`settings.theme`), the parameter or the header; `body` for the body as a whole."""

    message: str
    """What is wanted there."""


class Problem(Exception):  # noqa: N818 -- RFC 9457's name; an answer as much as an error
    """A request that is answered with a problem document."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        kind: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.kind = kind
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def document(self, request_id: str) -> dict[str, object]:
        """The body of the answer."""
        document: dict[str, object] = {
            "type": f"urn:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "requestId": request_id,
        }
        if self.errors:
            document["errors"] = [{"field": error.field, "message": error.message} for error in self.errors]
        return document


def invalid(*errors: FieldError) -> Problem:
    """400: the request itself is wrong; each mistake names its field."""
    detail = "; ".join(f"{error.field}: {error.message}" for error in errors)
    return Problem(400, "Invalid request", detail, kind="invalid-request", errors=errors)


def invalid_field(field: str, message: str) -> Problem:
    """400 for one field."""
    return invalid(FieldError(field, message))


def printable(name: str) -> str:
    """A name that the client chose, short and in ASCII, as an answer may repeat it."""
    return name[:100].encode("ascii", "backslashreplace").decode()


def unauthorized(detail: str) -> Problem:
    """401: no access token of the user pool."""
    headers = {"www-authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, "Unauthorized", detail, kind="unauthorized", headers=headers)


def forbidden() -> Problem:
    """403: the resource belongs to somebody else."""
    return Problem(
        403, "Forbidden", "This belongs to another user; only the group admin may use it.", kind="forbidden"
    )


def not_found(detail: str, *errors: FieldError) -> Problem:
    """404: there is no such thing."""
    return Problem(404, "Not found", detail, kind="not-found", errors=errors)


def conflict(detail: str, *errors: FieldError) -> Problem:
    """409: what is there already rules this request out."""
    return Problem(409, "Conflict", detail, kind="conflict", errors=errors)


def busy() -> Problem:
    """409: other writers held the same item for as long as this request could wait."""
    return Problem(
        409,
        "Conflict",
        "Others are writing here at this moment. Nothing was changed; try again.",
        kind="write-conflict",
        headers={"retry-after": "1"},
    )


def too_large(field: str) -> Problem:
    """413: an item of DynamoDB holds 400 KB at most."""
    error = FieldError(field, "at most 400 KB once stored")
    return Problem(
        413, "Content too large", f"{error.field}: {error.message}", kind="too-large", errors=[error]
    )


def internal() -> Problem:
    """500: our mistake. The log line with this request id says which."""
    detail = "Something went wrong on our side. Quote the requestId when you report it."
    return Problem(500, "Internal server error", detail, kind="internal")
