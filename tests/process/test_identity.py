"""A real OpenID Connect provider, somebody else's program, signs people in; a machine comes with a service token."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.ids import decode
from tests.process.serving import Serving, free_port, run
from texting import calling

PROVIDER = "oidc-provider-mock==0.3.4"
AUDIENCE = "texting-api"
WHO = "{ viewer { subject roles org { id } } }"
ORGS = "{ orgs { edges { node { id name } } } }"
RECORDS = """
query Records($org: ID!) {
  auditRecords(orgId: $org, first: 50) { edges { node { action outcome actor { subject } } } }
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provider, installed into an environment of its own."""
    folder = tmp_path_factory.mktemp("provider")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
    done = subprocess.run([folder / "bin/pip", "install", "-q", PROVIDER], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{PROVIDER} cannot be installed here: {done.stderr.strip().splitlines()[-1:]}")
    return folder / "bin/oidc-provider-mock"


class Provider:
    """A running provider."""

    def __init__(self, program: Path, port: int) -> None:
        self.issuer = f"http://localhost:{port}"
        self._command = [program, "--port", str(port), "--token-max-age", "600"]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with a key that is new each time."""
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdout=quiet, stderr=quiet)
        for _ in range(200):
            try:
                httpx.get(f"{self.issuer}/jwks").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the provider did not start")

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def token(self, subject: str, client: str = AUDIENCE, **claims: Any) -> str:
        """Sign somebody in with the authorization code flow; give the ID token."""
        httpx.put(f"{self.issuer}/users/{subject}", json={"sub": subject, **claims}).raise_for_status()
        asked = {"client_id": client, "redirect_uri": "http://localhost/back", "response_type": "code"}
        at = f"{self.issuer}/oauth2/authorize"
        sent = httpx.post(at, params=asked | {"scope": "openid", "nonce": "n"}, data={"sub": subject})
        code = parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost/back"}
        got = httpx.post(f"{self.issuer}/oauth2/token", data=form, auth=(client, "secret")).raise_for_status()
        return str(got.json()["id_token"])


@pytest.fixture
def provider(program: Path) -> Iterator[Provider]:
    made = Provider(program, free_port())
    made.start()
    yield made
    made.stop()


def code(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


def test_people_of_a_provider_sign_in_and_machines_come_with_their_tokens(
    provider: Provider, start: Callable[..., Serving], folder: Path, tmp_path: Path
) -> None:
    roles = tmp_path / "roles.json"
    rules = [{"claim": ["groups"], "value": "auditors", "role": "AUDITOR"}]
    roles.write_text(json.dumps({"org": ["tenant"], "grants": rules}))
    settings = {"OIDC_ISSUER": provider.issuer, "OIDC_AUDIENCE": AUDIENCE, "OIDC_ROLES": str(roles)}
    demo = start(folder, "--demo", env={f"TEXTING_{name}": value for name, value in settings.items()})
    org = demo.data(ORGS)["orgs"]["edges"][0]["node"]["id"]
    org_id = decode(org).id  # type: ignore[union-attr]

    token = provider.token("ana", tenant=str(org_id), groups=["auditors"])
    who = calling.call(demo.url, token, WHO, {})["data"]["viewer"]
    assert (who["subject"], who["roles"], who["org"]["id"]) == ("ana", ["AUDITOR"], org)

    assert code(calling.call(demo.url, provider.token("ana", client="another"), WHO, {})) == "UNAUTHENTICATED"
    stranger = provider.token("eve", tenant=str(org_id), groups=["guests"])
    refused = calling.call(demo.url, stranger, WHO, {})
    assert "gives no role here" in refused["errors"][0]["message"]

    # The provider is away: who is known stays known, and local tokens do not ask it.
    provider.stop()
    assert calling.call(demo.url, token, WHO, {})["data"]["viewer"]["subject"] == "ana"
    assert demo.data(WHO)["viewer"]["subject"]

    # It is back with a new key, which is found once the pause between two look-ups is over.
    provider.start()
    renewed = provider.token("ana", tenant=str(org_id), groups=["auditors"])
    answer: dict[str, Any] = {}
    for _ in range(60):
        answer = calling.call(demo.url, renewed, WHO, {})
        if "errors" not in answer:
            break
        time.sleep(0.25)
    assert "errors" not in answer, answer

    machine = run(
        *("service-token", "issue", "--name", "crm", "--role", "COMPLIANCE_OFFICER", "--org", org),
        *("--data-dir", folder),
    )
    assert machine.returncode == 0, machine.stderr
    service = machine.stdout.strip()
    records = calling.call(demo.url, service, RECORDS, {"org": org})["data"]["auditRecords"]["edges"]
    actions = [edge["node"]["action"] for edge in records]
    assert actions.count("session:sign-in") == 2
    assert actions.count("service-token:issue") == 1

    _, row = run("service-token", "list", "--org", org, "--data-dir", folder).stdout.splitlines()
    assert row.split()[1:3] == ["crm", "COMPLIANCE_OFFICER"]
    revoked = run("service-token", "revoke", row.split()[0], "--org", org, "--data-dir", folder)
    assert revoked.stdout == "revoked\n", revoked.stderr
    assert code(calling.call(demo.url, service, WHO, {})) == "UNAUTHENTICATED"

    verified = run("audit", "verify", "--data-dir", folder)
    assert verified.stdout.startswith("verified: "), verified.stdout
