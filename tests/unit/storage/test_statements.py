"""SQLAlchemy expressions compiled to the text and arguments that asyncpg takes."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert

from core.storage.selecting import (
    any_id,
    any_text,
    columns,
    id_list,
    inlined,
    integer,
    moment,
    org_id,
    text,
    uuid,
)
from core.storage.statements import compiled
from core.storage.tables import Policies, Users

_users = columns(Users)
ORG = UUID(int=1)


def test_parameters_are_numbered_in_the_order_of_their_names():
    statement = compiled(select(_users.id).where(_users.org_id == org_id(), _users.status == text("status")))
    assert statement.names == ("org_id", "status")
    assert statement.arguments({"status": "ACTIVE", "org_id": ORG}) == [ORG, "ACTIVE"]
    assert "$1" in statement.sql
    assert "$2" in statement.sql


def test_a_parameter_that_is_used_twice_is_given_once():
    statement = compiled(select(_users.id).where((_users.id == uuid("a")) | (_users.location_id == uuid("a"))))
    assert statement.sql.count("$1::UUID") == 2
    assert statement.arguments({"a": ORG}) == [ORG]


def test_a_constant_keeps_its_value_unless_one_is_given():
    statement = compiled(select(literal(7)))
    [name] = statement.names
    assert statement.arguments({}) == [7]
    assert statement.arguments({name: 8}) == [8]


def test_a_value_that_is_missing_is_an_error_and_one_too_many_is_left_out():
    statement = compiled(select(_users.id).where(_users.org_id == org_id()))
    assert statement.arguments({"org_id": ORG, "other": 1}) == [ORG]
    with pytest.raises(KeyError, match="org_id"):
        statement.arguments({"other": 1})


@pytest.mark.parametrize(
    ("value", "written"),
    [("ACTIVE", "'ACTIVE'"), ("it's", "'it''s'"), ("'; --", "'''; --'"), (1, "1"), ("%", "'%'"), ("a%%b", "'a%%b'")],
)
def test_a_constant_of_the_program_is_written_into_the_text(value, written):
    statement = compiled(select(inlined(value)))
    assert statement.sql == f"SELECT {written}"
    assert statement.names == ()


@pytest.mark.parametrize(
    ("made", "cast"),
    [
        (org_id(), "UUID"),
        (uuid("x"), "UUID"),
        (text("x"), "VARCHAR"),
        (integer("x"), "INTEGER"),
        (moment("x"), "TIMESTAMP WITH TIME ZONE"),
        (id_list("x"), "UUID[]"),
    ],
)
def test_a_parameter_says_its_type_so_that_the_statement_can_be_prepared(made, cast):
    assert compiled(select(made)).sql.startswith(f"SELECT $1::{cast}")


@pytest.mark.parametrize(("made", "cast"), [(any_id("x"), "UUID[]"), (any_text("x"), "TEXT[]")])
def test_many_values_are_one_parameter(made, cast):
    statement = compiled(select(_users.id).where(_users.id == made))
    assert f"= ANY ($1::{cast})" in statement.sql
    assert statement.names == ("x",)


def test_an_insertion_takes_its_values_by_name():
    named = {"org_id": uuid("org"), "kind": text("kind"), "version": text("version"), "effective_from": moment("at")}
    statement = compiled(insert(Policies).values(named))
    values = {"org": ORG, "kind": "texting", "version": "1", "at": datetime(2026, 3, 1, tzinfo=UTC)}
    assert statement.arguments(values) == [values[name] for name in statement.names]
    assert set(statement.names) == set(values)


def test_the_columns_of_a_table_are_expressions():
    assert (_users.sort_name.name, _users.sort_name.table.fullname) == ("sort_name", "texting.users")
    with pytest.raises(AttributeError):
        _ = _users.nothing
