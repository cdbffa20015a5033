"""Route keys of an API: what API Gateway takes, which collide, and what their resources are called.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from components._base import ArgumentError

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")
DEFAULT_KEY = "$default"
MAX_SLUG_LENGTH = 50
"""A Lambda statement id takes 100 characters: 40 for the component, 8 for the suffix that Pulumi adds."""

_LITERAL = re.compile(r"[a-zA-Z0-9._:-]+")
_VARIABLE = re.compile(r"\{([a-zA-Z0-9._-]+)(\+?)\}")
_PLAIN = re.compile(r"[a-z0-9]+")
_HASH_LENGTH = 6


@dataclass(frozen=True)
class RouteKey:
    """A route key that API Gateway takes."""

    method: str
    """One of METHODS, or empty for `$default`."""

    path: str
    """The path as it was written, or empty for `$default`."""

    @property
    def key(self) -> str:
        """The route key in API Gateway's own form."""
        return f"{self.method} {self.path}" if self.method else DEFAULT_KEY

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of the path between slashes."""
        return tuple(self.path.split("/")[1:]) if len(self.path) > 1 else ()

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the path's variables."""
        found = (_VARIABLE.fullmatch(segment) for segment in self.segments)
        return tuple(variable[1] for variable in found if variable)

    @property
    def shape(self) -> str:
        """The key without the names of its variables: two keys of one shape take the same requests."""
        parts = (_shape(segment) for segment in self.segments)
        return f"{self.method} /{'/'.join(parts)}" if self.method else DEFAULT_KEY

    @property
    def slug(self) -> str:
        """The key as a part of a resource name: `GET /users/{userId}` is `get-users-one`, `{rest+}` is `all`.

        Different shapes have different slugs, and a variable's name is no part of it: API Gateway would
        refuse the renamed route beside the old one, so the rename has to be an update. A path that would
        lose something on the way (a capital, a dash, the words `one` and `all`), or is too long, carries a
        hash.
        """
        if not self.method:
            return "default"
        return _slug([self.method.lower(), *map(_word, self.segments)], self.segments, self.shape)

    @property
    def permission_path(self) -> str:
        """The end of the source ARN with which API Gateway invokes this route's function, after the stage.

        For an HTTP API that is the method and the path of the route itself, `{variables}` literally: so the
        permission covers this route alone. `ANY` is the caller's method, hence the `*`: AWS has no narrower
        form. `$default` has neither method nor path.
        """
        if not self.method:
            return DEFAULT_KEY
        return f"{'*' if self.method == 'ANY' else self.method}{self.path}"

    @property
    def rest_permission_path(self) -> str:
        """The same for a REST API, whose source ARN has the caller's own path where the route has a variable.

        Hence a `*` for each of them, as API Gateway's console writes it: AWS has no narrower form.
        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
        """
        segments = ["*" if _VARIABLE.fullmatch(segment) else segment for segment in self.segments]
        return f"{'*' if self.method == 'ANY' else self.method}/{'/'.join(segments)}"


def path_slug(segments: tuple[str, ...]) -> str:
    """A path as a part of a resource name, as in `RouteKey.slug`."""
    shape = "/".join(map(_shape, segments))
    return _slug(list(map(_word, segments)), segments, shape)


def parse_route_key(key: str) -> RouteKey:
    """The parts of a route key.

    Raises:
        ArgumentError: API Gateway would refuse the key; the message says how to write it.
    """
    if key == DEFAULT_KEY:
        return RouteKey("", "")
    method, separator, path = key.partition(" ")
    if not separator:
        raise ArgumentError(
            f"routes[{key!r}] must be '$default' or a method, one space and a path: GET /users"
        )
    if method not in METHODS:
        hint = f"; write {method.upper()}" if method.upper() in METHODS else ""
        raise ArgumentError(
            f"routes[{key!r}] must have a method of {', '.join(METHODS)}, got {method!r}{hint}"
        )
    _check_path(key, path)
    return RouteKey(method, path)


def check_collisions(keys: Iterable[RouteKey]) -> None:
    """Refuses two keys that take the same requests.

    Raises:
        ArgumentError: names both keys.
    """
    seen: dict[str, RouteKey] = {}
    for key in keys:
        other = seen.setdefault(key.shape, key)
        if other is not key:
            raise ArgumentError(
                f"routes {other.key!r} and {key.key!r} take the same requests: keep one of them, "
                "or give them different paths"
            )


def _check_path(key: str, path: str) -> None:
    if not path.startswith("/"):
        raise ArgumentError(f"routes[{key!r}] must have a path that starts with '/', got {path!r}")
    if path == "/":
        return
    segments = path.split("/")[1:]
    if segments[-1] == "":
        raise ArgumentError(f"routes[{key!r}] must not end with '/'; write {path.rstrip('/') or '/'!r}")
    names: set[str] = set()
    for position, segment in enumerate(segments):
        _check_segment(key, segment, last=position == len(segments) - 1)
        variable = _VARIABLE.fullmatch(segment)
        if variable and variable[1] in names:
            raise ArgumentError(f"routes[{key!r}] has two variables called {variable[1]!r}; rename one")
        if variable:
            names.add(variable[1])


def _check_segment(key: str, segment: str, *, last: bool) -> None:
    variable = _VARIABLE.fullmatch(segment)
    if variable and variable[2] and not last:
        raise ArgumentError(f"routes[{key!r}] may have {segment} only as its last segment: it takes the rest")
    if segment in (".", ".."):
        raise ArgumentError(f"routes[{key!r}] has the segment {segment!r}, which clients take out")
    if variable or _LITERAL.fullmatch(segment):
        return
    if not segment:
        raise ArgumentError(f"routes[{key!r}] has an empty segment: write one '/' between segments")
    raise ArgumentError(
        f"routes[{key!r}] has the segment {segment!r}; a segment is letters, digits and . _ : - or a whole "
        "{variable} or, at the end, {variable+}"
    )


def _slug(words: list[str], segments: tuple[str, ...], shape: str) -> str:
    joined = "-".join(filter(None, words))
    exact = all(_is_exact(segment) for segment in segments)
    if exact and len(joined) <= MAX_SLUG_LENGTH:
        return joined
    digest = hashlib.sha256(shape.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{joined[: MAX_SLUG_LENGTH - _HASH_LENGTH - 1].rstrip('-')}-{digest}"


def _shape(segment: str) -> str:
    variable = _VARIABLE.fullmatch(segment)
    return segment if variable is None else f"{{{variable[2]}}}"


def _word(segment: str) -> str:
    variable = _VARIABLE.fullmatch(segment)
    if variable is not None:
        return "all" if variable[2] else "one"
    return re.sub(r"[^a-z0-9]+", "-", segment.lower()).strip("-")


def _is_exact(segment: str) -> bool:
    """Whether the segment's shape can be read back from its word."""
    if _VARIABLE.fullmatch(segment):
        return True
    return _PLAIN.fullmatch(segment) is not None and segment not in ("one", "all")
