"""Answers made comparable: what differs from run to run gets a name, everything else stays as it came."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from e2e.people import Person
from e2e.running import Backend
from e2e.web import Answer, call

HEADERS = ("content-type", "cache-control", "location", "www-authenticate", "retry-after")
"""Those that the functions set; the gateway adds its own."""

_CURSOR = re.compile(r'(?<="nextCursor":")[A-Za-z0-9_-]+')
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VOLATILE = (
    (re.compile(r"\b1[5-9]\d{11}\b"), "<milliseconds>"),
    (re.compile(r"\b[1-9]\d{9}\b"), "<seconds>"),
    (re.compile(r'(?<="requestId":")[^"]+'), "<request>"),
    (re.compile(r"\d{8}T\d{6}Z"), "<date>"),
    (re.compile(r"(?<=Credential=)[A-Z0-9a-z]+%2F\d{8}"), "<credential>"),
    (re.compile(r"(?<=Signature=)[0-9a-f]{64}"), "<signature>"),
    (re.compile(r"(?<=Security-Token=)[^&\"]+"), "<token>"),
    (re.compile(r"(?<=\n)[0-9a-f]{24}(?=\"|$)"), "<digest>"),
)


@dataclass
class Transcript:
    """What a backend answered to a script, by the name of each request."""

    backend: Backend
    answers: dict[str, list[str]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def person(self, *groups: str) -> Person:
        return self.backend.person(*groups)

    def ask(self, name: str, person: Person, method: str, path: str, body: Any = None) -> Answer:
        """A request, and its answer written down."""
        return self.note(name, person.request(method, path, body))

    def fetch(self, name: str, url: str, method: str = "GET", **options: Any) -> Answer:
        """A request of nobody in particular."""
        return self.note(name, call(url, method, **options))

    def note(self, name: str, answer: Answer) -> Answer:
        assert name not in self.answers, f"{name} is asked twice"
        if "requestId" in answer.text:
            assert answer.headers["x-request-id"] == answer.body["requestId"]
        headers = [f"{key}: {answer.headers.get(key, '')}" for key in HEADERS]
        self.answers[name] = [str(answer.status), *map(self._steady, headers), self._steady(answer.text)]
        return answer

    def _steady(self, text: str) -> str:
        for name, value in self._places().items():
            text = text.replace(value, name)
        text = _CURSOR.sub(lambda found: _plain(found[0]), text)
        text = _ID.sub(lambda found: self._named(found[0]), text)
        for pattern, name in _VOLATILE:
            text = pattern.sub(name, text)
        return text

    def _named(self, value: str) -> str:
        return self._names.setdefault(value, f"<id {len(self._names) + 1}>")

    def _places(self) -> Mapping[str, str]:
        outputs = self.backend.outputs
        return {"<bucket>": outputs["assetBucketName"], "<endpoint>": self.backend.summary["endpoint"]}


def _plain(cursor: str) -> str:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()


Script = Callable[[Transcript], None]


def transcribe(backend: Backend, script: Script) -> dict[str, list[str]]:
    """What the backend answers to the script."""
    transcript = Transcript(backend)
    script(transcript)
    return transcript.answers
