"""The vocabulary that the statements are written in."""

from typing import Any

from sqlalchemy import any_, bindparam, literal_column
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Boolean, DateTime, Integer, Text, Uuid
from sqlmodel import SQLModel


def columns(table: type[SQLModel]) -> Any:
    """Give a table's columns by attribute: the model's own attributes are typed as values, not as expressions."""
    return table.__table__.c  # type: ignore[attr-defined]


def inlined(value: str | int) -> Any:
    """Write a constant of the program into the text, so that the planner and partial indexes know it."""
    if isinstance(value, int):
        return literal_column(str(int(value)), Integer())
    quoted = str(value).replace("'", "''")
    return literal_column(f"'{quoted}'", Text())


def org_id() -> Any:
    """Give the parameter `org_id`: every statement names the organization, whatever row security adds."""
    return bindparam("org_id", type_=Uuid())


def any_id(name: str) -> Any:
    """Give a parameter of many ids, to compare a column with."""
    return any_(bindparam(name, type_=ARRAY(Uuid())))


def id_list(name: str) -> Any:
    """Give a parameter of many ids, as an array."""
    return bindparam(name, type_=ARRAY(Uuid()))


def text_list(name: str) -> Any:
    """Give a parameter of many texts, as an array."""
    return bindparam(name, type_=ARRAY(Text()))


def any_text(name: str) -> Any:
    """Give a parameter of many texts, to compare a column with."""
    return any_(bindparam(name, type_=ARRAY(Text())))


def uuid(name: str) -> Any:
    """Give a parameter of one id."""
    return bindparam(name, type_=Uuid())


def text(name: str) -> Any:
    """Give a parameter of one text."""
    return bindparam(name, type_=Text())


def integer(name: str) -> Any:
    """Give a parameter of one integer."""
    return bindparam(name, type_=Integer())


def boolean(name: str) -> Any:
    """Give a parameter of one truth value."""
    return bindparam(name, type_=Boolean())


def big_integer(name: str) -> Any:
    """Give a parameter of one integer of 64 bits."""
    return bindparam(name, type_=BigInteger())


def moment(name: str) -> Any:
    """Give a parameter of one time, UTC."""
    return bindparam(name, type_=DateTime(timezone=True))
