"""What asset-api must take and must refuse, in each of its languages."""

import json
import time
from typing import Any

SOON = int(time.time()) + 3_600
FILE = {"fileName": "notes.txt", "contentType": "text/plain", "size": 5}
CONTENT = b"hello"

FILE_NAMES = [
    "two words.txt",
    " around ",
    "Grüße 你好 \U0001f469\u200d\U0001f680.pdf",
    "cafe\u0301",
    'it\'s "quoted" `here`.txt',
    "100% a+b=c&d?e#f;g,h:i@j$k!.txt",
    "%2e%2e%2f",
    "..name..",
    "...",
    ".hidden",
    "<script>alert(1)<script>",
    "~(tilde)*[x]{y}|z^",
    "x" * 255,
    "é" * 127,
]
BAD_NAMES = {
    "empty": "",
    "blank": " \u2003",
    "slash": "a/b",
    "absolute": "/etc/passwd",
    "parents": "../../etc/passwd",
    "parent": "..",
    "self": ".",
    "backslash": "a\\b",
    "1,000 characters": "x" * 1_000,
    "256 bytes": "é" * 128,
    "newline": "a\nb",
    "NUL": "a\x00",
    "DEL": "a\x7f",
    "C1": "a\x9f",
    "right to left": "a\u202egpj.exe",
    "isolate": "a\u2066b",
    "line separator": "a\u2028b",
    "byte order mark": "\ufeffa",
    "no character": "a\uffff",
}

ADA: dict[str, Any] = {"email": "ada@example.org", "name": "Ada"}
BAD_USERS: dict[str, tuple[str | bytes, list[str]]] = {
    "empty": ("", ["body"]),
    "not JSON": ("{", ["body"]),
    "null": ("null", ["body"]),
    "array": ("[]", ["body"]),
    "number": ("1", ["body"]),
    "UTF-16": (json.dumps(ADA).encode("utf-16"), ["body"]),
    "byte order mark": (b"\xef\xbb\xbf" + json.dumps(ADA).encode(), ["body"]),
    "half a surrogate pair": ('{"email":"a@b.co","name":"\\ud800"}', ["body"]),
    "half a surrogate pair as a key": ('{"\\udc00":1}', ["body"]),
    "NaN": ('{"email":"a@b.co","name":NaN}', ["body"]),
    "Infinity": ('{"email":"a@b.co","name":-Infinity}', ["body"]),
    "33 levels": ('{"name":' + "[" * 32 + "]" * 32 + "}", ["body"]),
    "10,000 levels": ("[" * 10_000, ["body"]),
    "unknown fields": (
        json.dumps({**ADA, "zeta": 1, "10": 1, "9": 1, "admin": True, "é": 1}),
        ["10", "9", "admin", "zeta", "\\xe9"],
    ),
    "all missing": ("{}", ["email", "name"]),
    "wrong types": (
        '{"email":1,"name":{},"department":null,"ttl":"1"}',
        ["email", "name", "department", "ttl"],
    ),
    "blank": (json.dumps({**ADA, "name": " \u3000", "department": ""}), ["name", "department"]),
    "too long": (json.dumps({**ADA, "name": "x" * 101, "department": "y" * 101}), ["name", "department"]),
    "control characters": (
        json.dumps({**ADA, "name": "a\x00", "department": "a\x85"}),
        ["name", "department"],
    ),
    "no address": (json.dumps({**ADA, "email": "ada"}), ["email"]),
    "address with Unicode": (json.dumps({**ADA, "email": "\u0430da@example.org"}), ["email"]),
    "ttl that is over": (json.dumps({**ADA, "ttl": 1}), ["ttl"]),
    "ttl in milliseconds": (json.dumps({**ADA, "ttl": 1_795_184_872_000}), ["ttl"]),
    "ttl with a fraction": (json.dumps({**ADA, "ttl": SOON + 0.5}), ["ttl"]),
    "ttl beyond doubles": ('{"email":"a@b.co","name":"A","ttl":' + "9" * 5_000 + "}", ["ttl"]),
    "ttl true": (json.dumps({**ADA, "ttl": True}), ["ttl"]),
}
"""By what is wrong: the body, and the fields that the answer names."""

BAD_ASSETS: dict[str, tuple[dict[str, Any], list[str]]] = {
    **{f"name: {case}": ({"fileName": name}, ["fileName"]) for case, name in BAD_NAMES.items()},
    "name: number": ({"fileName": 1}, ["fileName"]),
    "name: null": ({"fileName": None}, ["fileName"]),
    "type: none": ({"contentType": ""}, ["contentType"]),
    "type: half": ({"contentType": "image"}, ["contentType"]),
    "type: blank": ({"contentType": "image/ png"}, ["contentType"]),
    "type: two": ({"contentType": "image/png, text/html"}, ["contentType"]),
    "type: header injection": ({"contentType": "text/plain\r\nx-amz-acl: public-read"}, ["contentType"]),
    "type: trailing newline": ({"contentType": "text/plain\n"}, ["contentType"]),
    "type: Unicode": ({"contentType": "téxt/plain"}, ["contentType"]),
    "type: long": ({"contentType": "text/" + "x" * 128}, ["contentType"]),
    "type: form": ({"contentType": "application/x-www-form-urlencoded; charset=utf-8"}, ["contentType"]),
    "size: nothing": ({"size": 0}, ["size"]),
    "size: negative": ({"size": -1}, ["size"]),
    "size: above 100 MB": ({"size": 104_857_601}, ["size"]),
    "size: fraction": ({"size": 1.5}, ["size"]),
    "size: text": ({"size": "5"}, ["size"]),
    "size: true": ({"size": True}, ["size"]),
    "size: huge": ({"size": 10**400}, ["size"]),
    "metadata: list": ({"metadata": []}, ["metadata"]),
    "metadata: key": ({"metadata": {"1": "x"}}, ["metadata"]),
    "metadata: 21 keys": ({"metadata": {f"k{n}": "v" for n in range(21)}}, ["metadata"]),
    "metadata: number": ({"metadata": {"b": 1, "a": "x"}}, ["metadata.b"]),
    "metadata: long": ({"metadata": {"a": "x" * 501}}, ["metadata.a"]),
    "metadata: control": ({"metadata": {"a": "\x01"}}, ["metadata.a"]),
    "all at once": ({"fileName": "", "contentType": "", "size": 0, "x": 1}, ["x", *FILE]),
    "someone else's": ({"ownerId": "eve", "status": "available"}, ["ownerId", "status"]),
}
"""By what is wrong: what is sent beside or instead of what is right, and the fields that the answer names."""

BAD_USER_QUERIES = [
    ({"email": "ada"}, "email"),
    ({"email": ""}, "email"),
    ({"email": "a@example.org", "limit": "1"}, "email"),
    ({"limit": "0"}, "limit"),
    ({"limit": "101"}, "limit"),
    ({"limit": "1.0"}, "limit"),
    ({"cursor": "abc"}, "cursor"),
    ({"cursor": ""}, "cursor"),
    ({"cursor": "\u00e9"}, "cursor"),
    ({"name": "Ada"}, "name"),
]
