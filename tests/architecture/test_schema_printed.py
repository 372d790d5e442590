"""What is promised is printed, committed and compared."""

from schema.printing import PRINTED, printed


def test_the_committed_schema_is_what_the_code_says() -> None:
    assert PRINTED.read_text(encoding="utf-8") == printed(), "print it again: python -m schema.printing"
