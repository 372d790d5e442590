"""Requests that clients might send, damaged: bytes, JSON, documents, variables, ids, headers, addresses and frames."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DOCUMENTS = (
    "{ viewer { org { id name } user { id } } }",
    "query Q($n: Int = 3, $a: String) { users(first: $n, after: $a) { totalCount edges { cursor node { email } } } }",
    "query($id: ID!) { node(id: $id) { __typename id ... on User { eligibility { outcome rootCauses { ruleId } } } } }",
    "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
    "query($f: UserFilter) { users(first: 2, filter: $f) { edges { node { id } } } }",
    (
        "query($id: ID!, $w: [FactOverride!]) { eligibility(userId: $id, whatIf: $w, "
        'asOf: "2026-03-03T10:00:00Z") { id } }'
    ),
    (
        'query($id: ID!) { eligibilityDiff(userId: $id, from: "2026-03-03T10:00:00Z", '
        'to: "2026-04-03T10:00:00Z") { __typename } }'
    ),
    "query($i: SendCheckInput!) { sendCheck(input: $i) { outcome segments } }",
    "query($f: AuditFilter, $a: String) { auditRecords(filter: $f, first: 2, after: $a) { edges { cursor } } }",
    "query($n: PhoneNumber!) { phoneNumber(phoneNumber: $n) { id } consent(recipient: $n) { __typename } }",
    "mutation($i: SetUserTextingInput!) { setUserTexting(input: $i) { __typename ... on Refusal { code } } }",
    "mutation($i: SendMessageInput!) { sendMessage(input: $i) { __typename ... on Refusal { code } } }",
    "mutation($i: CreateUserInput!) { createUser(input: $i) { __typename ... on Refusal { code } } }",
    "mutation($i: RecordConsentInput!) { recordConsent(input: $i) { __typename ... on Refusal { code } } }",
    "query I { __schema { types { name fields { name args { name } } } } }",
    "fragment F on User { id at: location { id } } { users(first: 1) { edges { node { ...F @include(if: true) } } } }",
)
STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    1e308,
    "",
    " ",
    "\u0000",
    "\ud800",
    "é" * 300,
    "A" * 5_000,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": []}},
    "2026-13-45T99:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "+1415555012",
    "+1" + "9" * 40,
    "NONE",
    "ADMIN_LEVEL",
    "' OR 1=1 --",
    "${jndi}",
    "../../etc/passwd",
    "\u202e",
    "%00",
)
PIECES = (
    "{",
    "}",
    "(",
    ")",
    "$",
    "...",
    "@skip(if: $x)",
    "!",
    "[",
    '"',
    '"""',
    "\\u{110000}",
    "\\uD800",
    "#",
    "&",
    "|",
    "\ufeff",
    "a: b",
    "__typename",
    "...F",
    "fragment F on Query { ...F }",
    "null",
    "9" * 400,
    "1e999",
    "subscription",
    "@defer",
    "\x00",
)
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Accept": (
        "text/event-stream",
        "*/*;q=x",
        "",
        "application/graphql-response+json;q=0",
        "a" * 3_000,
        "multipart/mixed",
    ),
    "Content-Type": (
        "text/plain",
        "application/json; charset=utf-16",
        "multipart/form-data; boundary=",
        "application/graphql",
        "",
        "application/json;;;",
        "application/x-www-form-urlencoded",
    ),
    "Content-Encoding": ("gzip", "br", "identity", "deflate, gzip"),
    "Accept-Encoding": ("br;q=zzz", "gzip, *;q=0", ","),
    "Accept-Language": ("xx-" * 300, "de;q=-1", "*", ",,,", "fr-CA;q=0.0001", "en-\x7f"),
    "X-Request-ID": ("a b", "é", "x" * 500, "{}", "../.."),
    "Origin": ("null", "https://evil.example", "http://[::1", "//"),
    "Last-Event-ID": ("rubbish", "9" * 50),
    "Forwarded": ('for="[::', "for=_x;;"),
    "X-Forwarded-For": ("1.2.3.4, nonsense", "::::"),
    "Traceparent": ("00-zz-11-01", "0" * 300),
    "Prefer": ("wait=99999999999999", "wait=-1", "x" * 100),
    "Idempotency-Key": ("\x01", "k" * 1_000),
}
PATHS = (
    "/graphql",
    "/graphql/",
    "/graphiql",
    "/",
    "/exports/rubbish.zip",
    "/exports/%00.zip",
    "/exports/../../x.zip",
    "/log/anchor/checkpoint",
    "/log/org/x/checkpoint",
    "/log/org/00000000-0000-7000-8000-000000000000/tile/0/x999/000",
    "/log/anchor/tile/0/%2e%2e/000",
    "/assets/%00",
    "/livez",
)


FIELDS = (
    *[
        "userId",
        "orgId",
        "locationId",
        "campaignId",
        "entityId",
        "targetId",
        "mode",
        "reason",
        "to",
        "body",
        "idempotencyKey",
        "involves",
        "ruleId",
    ],
    *[
        "value",
        "search",
        "email",
        "displayName",
        "scope",
        "subject",
        "action",
        "basis",
        "since",
        "expectedVersion",
        "dryRun",
        "evidence",
    ],
    *["mediaUrls", "outcome", "failingRule"],
)
USUAL = {
    "mode": "ON",
    "to": "+14165550123",
    "body": "Hello",
    "idempotencyKey": "k",
    "ruleId": "CLIENT_VERSION_MIN",
}


@dataclass(kw_only=True)
class Fuzzer:
    """Makes requests from a seed, with ids and cursors that a server gave."""

    chance: random.Random
    tokens: list[str]
    ids: list[str]

    def value(self, name: str) -> Any:
        """Something to give for a variable."""
        if self.chance.random() < 0.25:
            return self.chance.choice(STRANGE)
        if name == "ids":
            return [self.id() for _ in range(self.chance.choice((0, 1, 3, 101)))]
        if name in ("id", "a"):
            return self.id()
        if name == "n":
            return self.chance.choice((1, 50, "+14155550123", "+14165550199"))
        return self.input()

    def id(self) -> str:
        """An id or a cursor, most of them damaged."""
        text = self.chance.choice(self.ids)
        return text if self.chance.random() < 0.4 else self.damaged(text)

    def input(self) -> Any:
        """An input object with some fields that inputs have."""
        given = {}
        for name in self.chance.sample(FIELDS, self.chance.randint(0, 8)):
            likely = self.id() if name.endswith("Id") else USUAL.get(name, name)
            given[name] = self.chance.choice((likely, likely, self.chance.choice(STRANGE)))
        return self.chance.choice((given, given, [given]))

    def damaged(self, text: str) -> str:
        """A text with pieces put in, taken out, doubled or swapped."""
        for _ in range(self.chance.randint(1, 4)):
            at, end = sorted((self.chance.randint(0, len(text)), self.chance.randint(0, len(text))))
            piece = self.chance.choice((*PIECES, chr(self.chance.randint(0, 0x2FFF))))
            put_in, taken_out = text[:at] + piece + text[at:], text[:at] + text[min(end, at + 5) :]
            doubled, turned = text[:end] + text[at:], text[:at][::-1] + text[at:]
            text = self.chance.choice((put_in, taken_out, doubled, turned))[:20_000]
        return text

    def request(self) -> dict[str, Any]:
        """One request for httpx."""
        document = self.chance.choice(DOCUMENTS)
        variables: Any = {name: self.value(name) for name in ("id", "ids", "n", "a", "f", "w", "i")}
        variables = {name: each for name, each in variables.items() if f"${name}" in document}
        if self.chance.random() < 0.4:
            document = self.damaged(document)
        body: Any = {"query": document, "variables": variables}
        if self.chance.random() < 0.15:
            body[self.chance.choice(("query", "variables", "operationName", "extensions", "id"))] = self.chance.choice(
                STRANGE
            )
        if self.chance.random() < 0.05:
            body = self.chance.choice((*STRANGE, [body, body], [body] * 60))
        content = json.dumps(body).encode()
        if self.chance.random() < 0.2:
            content = self.broken(content)
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}
        for name in self.chance.sample(list(HEADERS), self.chance.choice((0, 0, 1, 2))):
            headers[name] = self.chance.choice(HEADERS[name])
        path = self.chance.choice(PATHS) if self.chance.random() < 0.1 else "/graphql"
        method = self.chance.choice(("GET", "PUT", "OPTIONS", "HEAD")) if self.chance.random() < 0.1 else "POST"
        asked: dict[str, Any] = {"method": method, "url": path, "content": content}
        asked["headers"] = [(name.encode(), each.encode("utf-8")) for name, each in headers.items()]
        if method == "GET":
            asked["params"] = {
                "query": document.encode("utf-8", "replace").decode(),
                "variables": json.dumps(variables),
            }
        return asked

    def token(self) -> str:
        """A token, sometimes a damaged one."""
        token = self.chance.choice(self.tokens)
        if self.chance.random() < 0.9:
            return token
        return self.damaged(token).encode("ascii", "ignore").decode().translate(dict.fromkeys(range(33)))

    def broken(self, content: bytes) -> bytes:
        """A body with bytes changed, cut off or repeated."""
        changed = bytearray(content)
        for _ in range(self.chance.randint(1, 6)):
            changed[self.chance.randrange(len(changed))] = self.chance.randrange(256)
        return bytes(changed[: self.chance.choice((len(changed), len(changed) // 2))]) or b"{"

    def frames(self) -> list[str | bytes]:
        """What to send over a socket."""
        init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {self.token()}"}}
        document = self.chance.choice((*DOCUMENTS, "subscription($a: String) { messageEvents(after: $a) { cursor } }"))
        start = {
            "type": "subscribe",
            "id": "1",
            "payload": {"query": document, "variables": {"a": self.id(), "id": self.id()}},
        }
        frames: list[str | bytes] = [
            json.dumps(each) for each in (init, start, {"type": "ping"}, {"type": "complete", "id": "1"})
        ]
        at = self.chance.randrange(4)
        frames[at] = self.chance.choice(
            (self.damaged(str(frames[at])), json.dumps(self.chance.choice(STRANGE)), b"\xff\x00")
        )
        return frames
