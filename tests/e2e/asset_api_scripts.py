"""Conversations with asset-api that each of its languages has to answer alike."""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from e2e.asset_api import available, new_email, upload
from e2e.parity import Script, Transcript
from e2e.web import call
from support.asset_api_cases import (
    ADA,
    BAD_ASSETS,
    BAD_USER_QUERIES,
    BAD_USERS,
    CONTENT,
    FILE,
    FILE_NAMES,
    SOON,
)

BAD_IDS = ["email%23abc", "%20", "a%2Fb", "%C3%A9", "x" * 129, "-", "a..b", "%00"]
BAD_CURSORS = ["", "x", "abc", "====", "é", "MQ", "a" * 401, "MQoxCmEKMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"]


def users(talk: Transcript) -> None:
    ada, eve, admin = talk.person(), talk.person(), talk.person("admin")
    email = new_email()
    sent = {"email": email.upper(), "name": "Ada Lovelace \U0001f9ee", "department": 'Engines "&" <Looms>/\\'}
    made = talk.ask("create", ada, "POST", "/users", sent).body
    path = f"/users/{made['userId']}"
    talk.ask("create again", ada, "POST", "/users", sent)
    talk.ask("create without department", ada, "POST", "/users", {"email": new_email(), "name": " A "})
    talk.ask("create with ttl", ada, "POST", "/users", {"email": new_email(), "name": "A", "ttl": SOON})
    talk.ask("get", ada, "GET", path)
    talk.ask("get as admin", admin, "GET", path)
    for method in ("GET", "PUT", "DELETE"):
        body = {"email": email, "name": "E"} if method == "PUT" else None
        talk.ask(f"{method} somebody else's", eve, method, path, body)
        talk.ask(f"{method} nobody", ada, method, "/users/nobody", body)
    talk.ask("find", ada, "GET", f"/users?email={quote(email.title())}")
    talk.ask("find somebody else's", eve, "GET", f"/users?email={quote(email)}")
    talk.ask("find nobody", ada, "GET", "/users?email=nobody@example.org")
    talk.ask("replace", ada, "PUT", path, {"email": email, "name": "Ada King"})
    talk.ask("change address", ada, "PUT", path, {"email": "other-" + email, "name": "Ada", "ttl": SOON})
    talk.ask("take the old address", eve, "POST", "/users", {"email": email, "name": "Eve"})
    talk.ask("want it back", ada, "PUT", path, {"email": email, "name": "Ada"})
    talk.ask("delete", ada, "DELETE", path)
    talk.ask("delete again", ada, "DELETE", path)


def lists(talk: Transcript) -> None:
    ada = talk.person()
    for number in range(5):
        talk.ask(f"user {number}", ada, "POST", "/users", {"email": new_email(), "name": f"{number}"})
        talk.ask(f"asset {number}", ada, "POST", "/assets", {**FILE, "fileName": f"{number}"})
        time.sleep(0.002)  # two made in one millisecond have no order
    for kind in ("users", "assets", "assets?status=pending"):
        joint = "&" if "?" in kind else "?"
        cursor = ""
        for number in range(3):
            page = talk.ask(f"{kind} page {number}", ada, "GET", f"/{kind}{joint}limit=2{cursor}").body
            cursor = f"&cursor={page.get('nextCursor')}"
        talk.ask(f"{kind} whole", ada, "GET", f"/{kind}")
        talk.ask(f"{kind} limit 100", ada, "GET", f"/{kind}{joint}limit=100")
    talk.ask("none available", ada, "GET", "/assets?status=available")
    cursor = ada.get("/users?limit=1").body["nextCursor"]
    talk.ask("another list's cursor", ada, "GET", f"/assets?cursor={cursor}")
    talk.ask("another status's cursor", ada, "GET", f"/assets?status=pending&cursor={cursor}")
    talk.ask("another caller's cursor", talk.person(), "GET", f"/users?cursor={cursor}")


def files(talk: Transcript) -> None:
    ada, eve, admin = talk.person(), talk.person(), talk.person("admin")
    sent = {**FILE, "metadata": {"zeta": "\u00e9\u2028\U0001f600", "Alpha": "1", "a-b_c": "<&>"}}
    asset = talk.ask("create", ada, "POST", "/assets", sent).body
    path = f"/assets/{asset['assetId']}"
    talk.ask("pending", ada, "GET", path)
    talk.ask("download too early", ada, "GET", f"{path}/download")
    assert upload(asset).status == 200
    available(ada, asset)
    talk.ask("available", ada, "GET", path)
    link = talk.ask("download", ada, "GET", f"{path}/download").body
    assert call(link["url"]).text == CONTENT.decode()
    talk.ask("list", ada, "GET", "/assets?status=available")
    for route in (path, f"{path}/download"):
        talk.ask(f"somebody else's {route == path}", eve, "GET", route)
        talk.ask(f"admin's {route == path}", admin, "GET", route)
        talk.ask(f"nobody's {route == path}", ada, "GET", route.replace(asset["assetId"], "nobody"))
    talk.ask("delete somebody else's", eve, "DELETE", path)
    talk.ask("delete", ada, "DELETE", path)
    talk.ask("delete again", ada, "DELETE", path)
    talk.ask("deleted", ada, "GET", path)


def file_names(talk: Transcript) -> None:
    ada = talk.person()
    for name in FILE_NAMES:
        asset = talk.ask(f"create {name}", ada, "POST", "/assets", {**FILE, "fileName": name}).body
        assert upload(asset).status == 200, name
        available(ada, asset)
        link = talk.ask(f"download {name}", ada, "GET", f"/assets/{asset['assetId']}/download").body
        assert call(link["url"]).text == CONTENT.decode(), name
    for kind in ("text/plain; charset=utf-8", "Image/SVG+XML", "application/vnd.a.b-c;v=1", "video/mp4"):
        asset = talk.ask(f"type {kind}", ada, "POST", "/assets", {**FILE, "contentType": kind}).body
        assert upload(asset).status == 200, kind
    for size in ("1", "5.0", "1e3", "104857600"):
        body = json.dumps(FILE).replace(": 5", f": {size}")
        talk.ask(f"size {size}", ada, "POST", "/assets", body)


def bad_bodies(talk: Transcript) -> None:
    ada = talk.person()
    user_cases: Mapping[str, Any] = {name: body for name, (body, _) in BAD_USERS.items()}
    for name, body in {**user_cases, **_strange({**ADA, "email": new_email()})}.items():
        talk.ask(f"POST /users {name}", ada, "POST", "/users", body)
        talk.ask(f"PUT /users {name}", ada, "PUT", "/users/nobody", body)
    asset_cases = {name: {**FILE, **change} for name, (change, _) in BAD_ASSETS.items()}
    for name, body in {**asset_cases, **_strange(FILE)}.items():
        talk.ask(f"POST /assets {name}", ada, "POST", "/assets", body)


def _strange(good: Mapping[str, Any]) -> dict[str, Any]:
    """Bodies that JSON libraries disagree about."""
    first, text = next(iter(good)), json.dumps(good)
    return {
        "duplicate key": text[:-1] + f',"{first}":""}}',
        "unknown twice": text[:-1] + ',"x":1,"x":2}',
        "white space": f" \t\r\n{text}\n",
        "vertical tab": f"\v{text}",
        "no-break space": f"\u00a0{text}",
        "trailing comma": text[:-1] + ",}",
        "comment": text + "//",
        "single quotes": text.replace('"', "'"),
        "leading zero": text[:-1] + ',"x":01}',
        "plus sign": text[:-1] + ',"x":+1}',
        "hexadecimal": text[:-1] + ',"x":0x1}',
        "bare fraction": text[:-1] + ',"x":.5}',
        "huge exponent": text[:-1] + ',"x":1e999}',
        "raw control character": text[:-1] + ',"x":"\x01"}',
        "raw tab": text[:-1] + ',"x":"\t"}',
        "bad escape": text[:-1] + ',"x":"\\x"}',
        "escaped solidus": text[:-1] + ',"\\/":"\\/"}',
        "quotes and brackets in a key": text[:-1] + ',"]\\"}[{":"[[["}',
        "32 levels": text[:-1] + ',"x":' + "[" * 31 + "]" * 31 + "}",
        "33 levels": text[:-1] + ',"x":' + "[" * 32 + "]" * 32 + "}",
        "unbalanced": text[:-1] + ',"x":' + "]" * 40 + "[" * 40 + "}",
        "open string": text[:-1] + ',"x":"' + "[" * 40,
        "astral and private keys": text[:-1] + ',"\U0001f600":1,"\uffee":2,"\ue000":3,"a":4}',
        "prototype": text[:-1] + ',"__proto__":{},"constructor":1,"toString":2}',
        "empty key": text[:-1] + ',"":1}',
        "long key": text[:-1] + f',"{"k" * 150}":1}}',
        "control key": text[:-1] + ',"\\u0000\\u001f\\u007f\\u0085":1}',
        "not UTF-8": text[:-1].encode() + b',"x":"\xff"}',
        "overlong UTF-8": text[:-1].encode() + b',"x":"\xc0\xaf"}',
        "surrogate in UTF-8": text[:-1].encode() + b',"x":"\xed\xa0\x80"}',
        "16 KB": text[:-1] + f',"x":"{"y" * 16_400}"}}',
    }


def bad_requests(talk: Transcript) -> None:
    ada = talk.person()
    queries = [*BAD_USER_QUERIES, *(({"cursor": cursor}, "") for cursor in BAD_CURSORS)]
    for number, (query, _) in enumerate(queries):
        talk.ask(f"users {number} {query}", ada, "GET", f"/users?{urlencode(query)}")
    for status in ("deleting", "", "Available", "available,pending"):
        talk.ask(f"status {status}", ada, "GET", f"/assets?status={status}")
    for cursor in BAD_CURSORS:
        talk.ask(f"assets cursor {cursor}", ada, "GET", f"/assets?cursor={quote(cursor)}")
    for name in ("colour", "%F0%9F%98%80", "a%20b"):
        for route in ("/users", "/users/x", "/assets", "/assets/x", "/assets/x/download"):
            talk.ask(f"{route}?{name}", ada, "GET", f"{route}?{name}=1")
    for value in BAD_IDS:
        for method in ("GET", "DELETE"):
            talk.ask(f"{method} /users/{value}", ada, method, f"/users/{value}")
            talk.ask(f"{method} /assets/{value}", ada, method, f"/assets/{value}")
        talk.ask(f"PUT /users/{value}", ada, "PUT", f"/users/{value}", ADA)
        talk.ask(f"GET /assets/{value}/download", ada, "GET", f"/assets/{value}/download")


def tokens(talk: Transcript) -> None:
    ada = talk.person()
    id_token = {"authorization": f"Bearer {ada.id_token}"}
    for method, path in (("GET", "/users"), ("POST", "/assets"), ("DELETE", "/assets/x")):
        talk.fetch(f"{method} {path} with an id token", ada.api_url + path, method, headers=id_token)


def failures(talk: Transcript) -> None:
    """What AWS refuses a function becomes a 500 that says nothing."""
    ada = talk.person()
    asset = talk.ask("asset", ada, "POST", "/assets", FILE).body
    path = f"/assets/{asset['assetId']}"
    for function, action, method, target, body in (
        ("create-user", "dynamodb:PutItem", "POST", "/users", {"email": new_email(), "name": "A"}),
        ("get-user", "dynamodb:GetItem", "GET", "/users/x", None),
        ("list-users", "dynamodb:Query", "GET", "/users", None),
        ("create-asset", "dynamodb:PutItem", "POST", "/assets", FILE),
        ("list-assets", "dynamodb:Query", "GET", "/assets", None),
        ("delete-asset", "s3:DeleteObject", "DELETE", path, None),
    ):
        with talk.backend.denying(function, action):
            talk.ask(function, ada, method, target, body)
    talk.ask("half deleted", ada, "GET", path)
    talk.ask("delete goes on", ada, "DELETE", path)


SCRIPTS: Mapping[str, Script] = {
    script.__name__: script
    for script in (users, lists, files, file_names, bad_bodies, bad_requests, tokens, failures)
}
