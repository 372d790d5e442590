"""The schema as text: `python -m schema.printing` writes `schema/schema.graphql`, which is committed and compared."""

from pathlib import Path

from schema.api import build_schema

PRINTED = Path(__file__).with_name("schema.graphql")


def printed() -> str:
    """The schema in the schema definition language: types by name, fields in the order they are declared."""
    return build_schema().as_str() + "\n"


if __name__ == "__main__":
    PRINTED.write_text(printed(), encoding="utf-8")
