"""What an operator may set, and what is said when it does not hold."""

from pathlib import Path

import pytest

from texting.settings import Settings, load, misspelt
from texting.startup_error import StartupError


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TEXTING_{name.upper()}", raising=False)


def test_without_anything_set_the_program_starts_on_this_machine():
    settings = load()
    assert (settings.database_url, settings.host, settings.port) == (None, "127.0.0.1", 8000)
    assert settings.data_dir == Path(".texting")


def test_a_variable_of_the_environment_sets_and_an_option_wins(monkeypatch):
    monkeypatch.setenv("TEXTING_PORT", "9000")
    monkeypatch.setenv("TEXTING_GRAPHIQL", "false")
    assert (load().port, load().graphiql) == (9000, False)
    assert load(port=9001).port == 9001
    assert load(port=None).port == 9000


def test_an_empty_variable_is_none(monkeypatch):
    monkeypatch.setenv("TEXTING_PORT", "")
    assert load().port == 8000


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d"])
def test_a_database_is_named_by_either_scheme(url):
    assert load(database_url=url).database_url == "postgresql://u:p@h/d"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@h/d", "hunter2", "", "postgresql+asyncpg://u:hunter2@h/d", "postgresql://u:hunter2@[h/d",
        "postgresql://u:hunter2\u2100@h/d",
    ],
)  # fmt: skip
def test_a_database_url_that_does_not_hold_is_never_shown(url):
    with pytest.raises(StartupError, match=r"^TEXTING_DATABASE_URL does not hold: give a URL that starts w") as refused:
        load(database_url=url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "70000"),
        ("port", "-1"),
        ("port", "http"),
        ("log_level", "loud"),
        ("database_connections", "1"),
        ("statement_timeout_s", "0"),
        ("request_limit_bytes", "999"),
        ("token_limit", "99"),
        ("graphiql", "perhaps"),
    ],
)
def test_a_value_that_does_not_hold_is_named_with_its_variable(name, value, monkeypatch):
    monkeypatch.setenv(f"TEXTING_{name.upper()}", value)
    with pytest.raises(StartupError, match=rf"^TEXTING_{name.upper()} `{value}` does not hold: [a-z]"):
        load()


@pytest.mark.parametrize(
    "value", ["app.example", "https://app.example/", "https://App.example", "https://app.example/path", "https://", "*"]
)
def test_an_origin_that_no_browser_writes_is_refused_instead_of_never_matched(value):
    with pytest.raises(StartupError, match=r"^TEXTING_ALLOWED_ORIGINS .* does not hold: `.*` is no origin: give each"):
        load(allowed_origins=f"https://ours.example, {value}")


@pytest.mark.parametrize("value", ["https://app.example", "http://localhost:3000", "https://[::1]:8080", "app://main"])
def test_an_origin_as_browsers_write_it_is_taken(value):
    assert load(allowed_origins=f"{value}, https://ours.example").origins == {value, "https://ours.example"}


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.1/8", "10.0.0", "/run/proxy.sock", "*"])
def test_a_proxy_that_no_address_can_be_is_refused_instead_of_never_trusted(value):
    with pytest.raises(
        StartupError, match=r"^TEXTING_TRUSTED_PROXIES .* does not hold: `.*` is no address or network: give"
    ):
        load(trusted_proxies=f"10.0.0.1,{value}")


@pytest.mark.parametrize("value", ["10.0.0.1", "10.0.0.0/8, ::1", "fd00::/8", "*"])
def test_addresses_and_networks_of_proxies_are_taken(value):
    assert load(trusted_proxies=value).trusted_proxies == value


def test_a_variable_that_is_no_setting_is_told_with_the_one_it_is_like():
    given = {"TEXTING_DATABSE_URL": "x", "TEXTING_PORT": "1", "TEXTING_TOKEN": "x", "TEXTING_XYZZY": "x", "PATH": "x"}
    assert misspelt(given) == [
        "`TEXTING_DATABSE_URL` is no setting: do you mean `TEXTING_DATABASE_URL`?",
        "`TEXTING_XYZZY` is no setting",
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"oidc_issuer": "https://id.example"}, "TEXTING_OIDC_ISSUER needs TEXTING_OIDC_AUDIENCE and TEXTING_OIDC_R"),
        ({"oidc_issuer": "https://id.example", "oidc_audience": "us"}, "TEXTING_OIDC_ISSUER needs TEXTING_OIDC_AUDI"),
        ({"trusted_documents": "true"}, "TEXTING_TRUSTED_DOCUMENTS is on, and there are no operations to trust: "),
    ],
)
def test_a_setting_that_means_nothing_alone_is_refused_by_every_command(given, told):
    with pytest.raises(StartupError, match=f"^{told}"):
        load(**given)


def test_every_setting_is_described():
    for name, field in Settings.model_fields.items():
        assert (field.description or "").endswith("."), name


def test_settings_stay_as_they_are():
    with pytest.raises(ValueError, match="frozen"):
        load().port = 1
