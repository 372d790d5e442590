"""The text of the hot statements is committed and compared: what the database plans does not change unseen."""

import pytest

from tests.golden.statements import FOLDER, STATEMENTS, written


@pytest.mark.parametrize("name", list(STATEMENTS))
def test_a_statement_is_sent_as_committed(name):
    committed = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    assert written(STATEMENTS[name]) == committed, "write it anew: python -m tests.golden.statements"


def test_no_file_is_of_a_statement_that_is_no_more():
    assert {path.stem for path in FOLDER.iterdir()} == set(STATEMENTS)


@pytest.mark.parametrize("name", [name for name in STATEMENTS if name != "orgs-directory"])
def test_a_statement_names_the_organization(name):
    assert "org_id" in STATEMENTS[name].names
    assert "org_id = $" in STATEMENTS[name].sql


@pytest.mark.parametrize("name", list(STATEMENTS))
def test_a_statement_s_values_are_parameters_and_never_pasted_in(name):
    statement = STATEMENTS[name]
    assert f"${len(statement.names)}::" in statement.sql
    assert f"${len(statement.names) + 1}" not in statement.sql
