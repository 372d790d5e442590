"""SQLAlchemy Core expressions compiled once to the text that asyncpg prepares and caches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

_DIALECT = dialect.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with `$1…` and the names of its parameters in order; constants that the expression held keep a value."""

    sql: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """Put `values` (by parameter name) in the order the text wants; a missing one raises `KeyError`."""
        return [values[name] if name in values else self.constants[name] for name in self.names]


def compiled(expression: ClauseElement) -> Statement:
    """Compile an expression; `bindparam("name")` becomes a parameter, a literal value a constant."""
    result = expression.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    assert isinstance(result, SQLCompiler)
    names = tuple(result.positiontup or ())
    constants = {name: value for name, value in result.params.items() if not result.binds[name].required}
    return Statement(str(result), names, constants)
