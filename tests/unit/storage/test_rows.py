"""What is read of rows beside their columns."""

from uuid import UUID

import pytest

from core.ids import encode, uuid7
from core.storage.rows import Row


class Read(dict[str, UUID]):
    """A row without a database."""

    def __init__(self, type_name: str, org_id: UUID) -> None:
        super().__init__(org_id=org_id, id=uuid7())
        self.graphql_type = type_name


@pytest.mark.parametrize("type_name", ["User", "Location", "UserPhoneNumber", "Brand"])
def test_the_ids_of_many_rows_are_those_of_each(type_name: str) -> None:
    one, other = uuid7(), uuid7()
    rows = [Read(type_name, org_id) for org_id in (one, one, other, one)]
    expected = [encode(type_name, row["org_id"], row["id"]) for row in rows]
    assert Row.global_id.of_many(rows) == expected  # type: ignore[attr-defined] # of the property
    assert [Row.global_id.fget(row) for row in rows] == expected  # type: ignore[attr-defined]
