"""The server's log names operations and tracking ids; it holds no token, number, e-mail or text of anybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.process.serving import Serving
from texting import calling

PEOPLE = "{ users(first: 20) { edges { node { email displayName phoneNumbers { phoneNumber } } } } }"
FIND = "query Find($email: String!) { user(email: $email) { id } }"
NUMBER = "query Number($number: PhoneNumber!) { phoneNumber(phoneNumber: $number) { id } }"


def test_a_log_holds_nothing_of_what_was_asked_and_answered(start: Callable[..., Serving], folder: Path) -> None:
    demo = start(folder, "--demo", env={"TEXTING_LOG_LEVEL": "debug"})
    people = [edge["node"] for edge in demo.data(PEOPLE, persona="org_admin")["users"]["edges"]]
    emails = [person["email"] for person in people]
    numbers = [each["phoneNumber"] for person in people for each in person["phoneNumbers"]]
    assert emails
    assert numbers
    demo.ask(FIND, persona="org_admin", email=emails[0])
    demo.ask(NUMBER, persona="org_admin", number=numbers[0])
    demo.ask(NUMBER, persona="org_admin", number="+1415555-a-secret-text")
    demo.ask("{ a-secret-text", persona="org_admin")
    calling.call(demo.url, "btx_a-secret-text.x", PEOPLE, {})
    assert demo.stop() == 0
    told = folder.with_name(f"{folder.name}.log").read_text()
    assert '"operation":"Find"' in told
    assert "callers refused" in told
    secrets = [*demo.tokens.values(), *emails, *numbers, "a-secret-text"]
    assert [secret for secret in secrets if secret in told] == []
    assert re.findall(r"[\w.]+@[\w.]+|\+\d{8,}|eyJ[\w-]{10,}", told) == []
