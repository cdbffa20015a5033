"""The headers that every answer of a CDN carries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pulumi
import pydantic

from components._base import Input, Shape

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
MAX_CUSTOM_HEADERS = 10

_NOTHING = "'none'"
_OWN = "'self'"
_DEFAULT_POLICY: Mapping[str, Sequence[str]] = {
    "base-uri": (_OWN,),
    "default-src": (_OWN,),
    "form-action": (_OWN,),
    "object-src": (_NOTHING,),
}
_DIRECTIVE = re.compile(r"[a-z]+(-[a-z]+)*")
_SOURCE = re.compile(r"[^\s;,]+")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_SET_ELSEWHERE = {
    "content-security-policy": "content_security_policy",
    "referrer-policy": "referrer_policy",
    "strict-transport-security": "hsts_seconds",
    "x-content-type-options": "what every answer has: nosniff",
    "x-frame-options": "frames",
}

ReferrerPolicy = Literal[
    "no-referrer", "origin", "same-origin", "strict-origin", "strict-origin-when-cross-origin"
]


class SecurityHeaders(Shape):
    """Headers that browsers obey, put on every answer of the site and of its APIs, whatever these say.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
    """

    content_security_policy: Mapping[str, Sequence[Input[str]]] = {}
    """Where pages may load from and send to, by directive: `{"connect-src": ["'self'", bucket_origin]}`. A
    directive replaces the default's: scripts, styles, pictures and requests of the site's own name alone, no
    plug-ins, nothing inline. https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy"""

    frames: Literal["DENY", "SAMEORIGIN"] = "DENY"
    """Who may show the site in a frame: nobody, or the site itself."""

    referrer_policy: ReferrerPolicy = "strict-origin-when-cross-origin"
    """What other sites learn of the page that a link was on."""

    hsts_seconds: Annotated[int, pydantic.Field(ge=0, le=63_072_000)] = 63_072_000
    """How long browsers use HTTPS for the name without asking, 0-63,072,000 seconds, two years. They keep to
    it after the header has gone."""

    hsts_subdomains: bool = False
    """Whether that holds for every name below the site's too, this program's or not."""

    others: Mapping[str, str] = {}
    """Further headers, at most 10: `{"Permissions-Policy": "camera=()"}`."""

    @pydantic.field_validator("content_security_policy")
    @classmethod
    def _policy_is_well_formed(
        cls, policy: Mapping[str, Sequence[Input[str]]]
    ) -> Mapping[str, Sequence[Input[str]]]:
        for directive, sources in policy.items():
            if not _DIRECTIVE.fullmatch(directive) or directive == "frame-ancestors":
                raise ValueError(
                    f"directives must be such as 'img-src', and frames instead of 'frame-ancestors', "
                    f"got {directive!r}"
                )
            for source in sources:
                if isinstance(source, str) and not _SOURCE.fullmatch(source):
                    raise ValueError(
                        f"[{directive!r}] must be sources without spaces, ';' and ',', got {source!r}"
                    )
        return policy

    @pydantic.field_validator("others")
    @classmethod
    def _others_are_others(cls, others: Mapping[str, str]) -> Mapping[str, str]:
        if len(others) > MAX_CUSTOM_HEADERS:
            raise ValueError(f"must be 0-{MAX_CUSTOM_HEADERS}, got {len(others)}")
        for name in others:
            if not _HEADER.fullmatch(name):
                raise ValueError(f"names must be letters, digits and '-', a letter first, got {name!r}")
            if name.lower() in _SET_ELSEWHERE:
                raise ValueError(f"must not have {name!r}: that is {_SET_ELSEWHERE[name.lower()]}")
        return others

    @property
    def inputs(self) -> dict[str, Any]:
        """What the policy's resource takes."""
        custom = [
            {"header": name, "value": value, "override": True} for name, value in sorted(self.others.items())
        ]
        return {
            "security_headers_config": {
                "content_security_policy": {"content_security_policy": self._policy(), "override": True},
                "content_type_options": {"override": True},
                "frame_options": {"frame_option": self.frames, "override": True},
                "referrer_policy": {"referrer_policy": self.referrer_policy, "override": True},
                "strict_transport_security": {
                    "access_control_max_age_sec": self.hsts_seconds,
                    "include_subdomains": self.hsts_subdomains,
                    "override": True,
                },
            },
            "custom_headers_config": {"items": custom} if custom else None,
        }

    def _policy(self) -> Input[str]:
        ancestors = _NOTHING if self.frames == "DENY" else _OWN
        directives: dict[str, Sequence[Input[str]]] = {
            **_DEFAULT_POLICY,
            "frame-ancestors": (ancestors,),
            **self.content_security_policy,
        }
        words = [[name, *directives[name]] for name in sorted(directives)]
        if all(isinstance(word, str) for line in words for word in line):
            return _joined(words)
        return pulumi.Output.all(*(pulumi.Output.all(*line) for line in words)).apply(_joined)


def _joined(lines: Sequence[Sequence[Any]]) -> str:
    return "; ".join(" ".join(line) for line in lines)
