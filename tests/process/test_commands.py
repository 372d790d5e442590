"""The commands of an operator, each as a process on one data directory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.process.serving import Serving, run, sentence

WHO = "query { viewer { subject roles } }"
CREATE = """
mutation {
  createOrg(input: {
    name: "Import Ltd", customerType: ENTERPRISE, callingPlan: { provider: "Cisco", countries: ["US"] }, reason: "test"
  }) { __typename ... on OrgCreated { org { id } } ... on Refusal { message } }
}
"""
COUNT = "query Count($org: ID!) { users(orgId: $org) { totalCount } }"


@pytest.fixture(scope="module")
def org(demo: Serving) -> str:
    """The id of an empty organization beside the demo's."""
    return str(demo.data(CREATE)["createOrg"]["org"]["id"])


def test_a_token_is_issued_listed_and_revoked(demo: Serving, org: str, tmp_path: Path) -> None:
    issued = _run(demo, "token", "issue", "--role", "ORG_ADMIN", "--org", org, "--subject", "admin@import.example")
    assert issued.returncode == 0, issued.stderr
    token = issued.stdout.strip()
    who = tmp_path / "who.graphql"
    who.write_text(WHO)
    called = _run(demo, "call", who, "--token", token, "--url", demo.url, "--pick", "viewer.subject")
    assert called.stdout == "admin@import.example\n"

    header, row = _run(demo, "token", "list", "--org", org).stdout.splitlines()
    assert header.split() == ["id", "subject", "roles", "issued", "expires", "state"]
    token_id, subject, roles, *_, state = row.split()
    assert (subject, roles, state) == ("admin@import.example", "ORG_ADMIN", "good")

    assert _run(demo, "token", "revoke", token_id, "--org", org).stdout == "revoked\n"
    assert _run(demo, "token", "revoke", token_id, "--org", org).stdout == "it was revoked before\n"
    # At least the second for which a server may go on believing a token has passed between the commands.
    refused = _run(demo, "call", who, "--token", token, "--url", demo.url)
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--role", "ORG_ADMIN"), "role `ORG_ADMIN` needs --org: give it"),
        (("--role", "PROVIDER_ADMIN", "--user", "x"), "role `PROVIDER_ADMIN` takes no --user: leave it out"),
        (("--role", "AUDITOR", "--org", "nonsense"), "`nonsense` is no id: copy it from an answer of the API"),
        (
            ("--role", "AUDITOR", "--org", "0192f0c1-2345-7abc-8def-0123456789ab"),
            "there is no org `0192f0c1-2345-7abc-8def-0123456789ab` there: copy its id from an answer of the API",
        ),
    ],
)
def test_a_token_for_nothing_is_refused(demo: Serving, options: tuple[str, ...], told: str) -> None:
    assert sentence(_run(demo, "token", "issue", "--subject", "nobody", *options)) == told


@pytest.mark.parametrize("text", ["", " ", "a\nb", "x" * 256])
@pytest.mark.parametrize("option", ["--subject", "--name"])
def test_a_holder_that_no_line_can_show_is_refused(tmp_path: Path, option: str, text: str) -> None:
    given = {"--subject": "nobody", option: text}
    options = [each for pair in given.items() for each in pair]
    refused = run("token", "issue", "--role", "PROVIDER_ADMIN", *options, "--data-dir", tmp_path / "none")
    assert sentence(refused) == f"{option} takes 1 to 255 printable characters: give another one"


def test_the_log_of_an_organization_that_is_not_there_is_not_called_verified(demo: Serving, org: str) -> None:
    nobody = "0192f0c1-2345-7abc-8def-0123456789ab"
    told = sentence(_run(demo, "audit", "verify", "--org", nobody))
    assert told == f"there is no organization `{nobody}` there: copy its id from an answer of the API"
    told = _run(demo, "audit", "verify", "--org", org).stdout
    assert told.startswith("verified: ")
    assert told.endswith(" of 1 organization, and the anchor log\n")


def test_an_explanation_names_the_rules_and_what_to_do(demo: Serving) -> None:
    someone = "query { users(first: 1) { edges { node { email org { id } } } } }"
    (edge,) = demo.data(someone, persona="org_admin")["users"]["edges"]
    email, org = edge["node"]["email"], edge["node"]["org"]["id"]
    told = _run(demo, "explain", email, "--org", org, "--what-if", "CLIENT_VERSION_MIN=42.9", "--language", "fr")
    assert told.returncode == 0, told.stderr
    assert "SUPPOSED, not so: CLIENT_VERSION_MIN=42.9" in told.stdout
    assert "L'application Webex de l'utilisateur est à la version 42.9;" in told.stdout
    assert sentence(_run(demo, "explain", "nobody@example.com")) == (
        "`nobody@example.com` is no user there: check the e-mail, and --org"
    )
    assert "write RULE=VALUE" in sentence(_run(demo, "explain", email, "--what-if", "nonsense"))


def test_an_import_of_locations_and_users_shows_refused_rows_and_carries_out_the_rest_when_told(
    demo: Serving, org: str, tmp_path: Path
) -> None:
    locations, users = tmp_path / "locations.csv", tmp_path / "users.csv"
    assert _run(demo, "sample", "locations", locations).returncode == 0
    assert _run(demo, "sample", "users", users, "--count", "60").returncode == 0
    done = _run(demo, "import", "locations", locations, "--org", org)
    assert (done.returncode, done.stdout) == (0, "imported: 8 created\n"), done.stderr

    broken = users.read_bytes().replace(b"user00003@sample.example", b"nonsense")
    users.write_bytes(broken)
    dry = _run(demo, "import", "users", users, "--org", org, "--dry-run", "--skip-invalid")
    assert dry.stdout.splitlines()[-1] == "would import: 59 created, 58 numbers given, 1 refused"

    refused = _run(demo, "import", "users", users, "--org", org)
    assert refused.returncode == 1
    header, row, told = refused.stdout.splitlines()
    assert header.split() == ["line", "column", "reason"]
    assert row.startswith("5     User ID/Email (Required)  `nonsense` ")
    assert told == "nothing was imported: mend the 1 refused rows, or leave them out with --skip-invalid"
    assert demo.data(COUNT, org=org)["users"]["totalCount"] == 0

    done = _run(demo, "import", "users", users, "--org", org, "--skip-invalid")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "imported: 59 created, 58 numbers given, 1 refused"
    assert demo.data(COUNT, org=org)["users"]["totalCount"] == 59


def test_a_file_that_cannot_be_read_is_one_sentence(demo: Serving, org: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    told = sentence(_run(demo, "import", "users", missing, "--org", org))
    assert told.startswith(f"`{missing}` cannot be read (")


def test_a_call_says_what_is_wrong_with_it(demo: Serving, tmp_path: Path) -> None:
    who = tmp_path / "who.graphql"
    who.write_text(WHO)
    nobody = sentence(_run(demo, "call", who, "--as", "nobody", "--url", demo.url))
    assert nobody.startswith("`nobody` is no persona of the demo: use one of auditor, ")
    assert sentence(_run(demo, "call", tmp_path / "none", "--url", demo.url)).endswith("name a file with an operation")
    several = tmp_path / "several.graphql"
    several.write_text("query One { viewer { subject } } query Two { viewer { roles } }")
    chosen = _run(demo, "call", several, "--url", demo.url, "--operation", "Two", "--pick", "viewer.roles.0")
    assert chosen.stdout == "PROVIDER_ADMIN\n"
    picked = sentence(_run(demo, "call", who, "--url", demo.url, "--pick", "viewer.nothing"))
    assert picked.startswith("the answer has no `nothing` of `viewer.nothing`: ")


def test_doctor_finds_a_served_demo_sound_and_another_key_wrong(demo: Serving) -> None:
    sound = _run(demo, "doctor")
    assert sound.returncode == 0, sound.stdout
    assert {line.split()[0] for line in sound.stdout.splitlines()} <= {"ok", "note"}

    key = demo.folder / "audit-master-key.hex"
    kept = key.read_bytes()
    key.write_bytes(b"00" * 32)
    try:
        wrong = _run(demo, "doctor")
        assert wrong.returncode == 1
        (bad,) = [line for line in wrong.stdout.splitlines() if line.startswith("bad")]
        assert "`audit-master-key.hex` does not open what the database holds" in bad
    finally:
        key.write_bytes(kept)


def test_doctor_tells_of_a_variable_that_nothing_reads(tmp_path: Path) -> None:
    looked = run("doctor", "--data-dir", tmp_path / "none", env={"TEXTING_PROT": "80"})
    assert looked.returncode == 0
    assert "`TEXTING_PROT` is no setting: do you mean `TEXTING_PORT`?" in looked.stdout


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "WITNESSES",
            "TEXTING_WITNESSES does not hold: `/nowhere` is no witness: give its address, a blank and its v",
        ),
        ("OIDC_ROLES", "the roles of claims `/nowhere` cannot be read: No such file"),
        ("OPERATIONS_MANIFEST", "the manifest of operations `/nowhere` cannot be read: No such file"),
    ],
)
def test_doctor_finds_what_would_keep_the_program_from_starting(tmp_path: Path, name: str, told: str) -> None:
    looked = run("doctor", "--data-dir", tmp_path / "none", env={f"TEXTING_{name}": "/nowhere"})
    assert looked.returncode == 1
    (bad,) = [line for line in looked.stdout.splitlines() if line.startswith("bad")]
    assert told in bad
    # The database is looked at all the same.
    assert "note  database " in looked.stdout


def test_migrate_says_where_the_database_stands(demo: Serving) -> None:
    done = _run(demo, "migrate")
    assert done.returncode == 0
    assert done.stdout.startswith("the database is at revision ")


def test_the_schema_is_printed_as_committed() -> None:
    committed = Path(__file__).parents[2] / "schema" / "schema.graphql"
    assert run("schema").stdout == committed.read_text()


def test_help_needs_nothing_slow() -> None:
    done = run("--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    slow = {"strawberry", "sqlalchemy", "asyncpg", "graphql", "phonenumbers", "alembic", "uvicorn", "starlette"}
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "typer" in imported
    assert not imported & slow


def _run(demo: Serving, *arguments: str | Path) -> object:
    """Run a command on the demo's data directory."""
    return run(*arguments, env={"TEXTING_DATA_DIR": str(demo.folder)})
