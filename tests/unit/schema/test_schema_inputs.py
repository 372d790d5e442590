"""What a mutation's input looks like when it arrives: absent and null differ, scalars and enums are read."""

from typing import Annotated

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.enums import TextingMode
from schema.org_changes import SetOrgEntitlementsInput, UpdateOrgInput
from schema.scalars import JSON, SCALARS, UnsignedInt64
from schema.user_changes import CreateUserInput

arrived: list[object] = []


@strawberry.type
class Query:
    """Remembers what arrives."""

    @strawberry.field
    def update(self, input: UpdateOrgInput) -> bool:
        arrived.append(input)
        return True

    @strawberry.field
    def entitle(self, input: SetOrgEntitlementsInput) -> bool:
        arrived.append(input)
        return True

    @strawberry.field
    def create(self, input: CreateUserInput) -> bool:
        arrived.append(input)
        return True

    @strawberry.field
    def echo(self, value: Annotated[JSON, strawberry.argument(name="value")]) -> JSON:
        return value

    @strawberry.field
    def size(self, value: UnsignedInt64) -> UnsignedInt64:
        return value


SCHEMA = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))


def arrive(document: str, variables: dict[str, object] | None = None) -> object:
    """Run one document and give the input that arrived."""
    arrived.clear()
    result = SCHEMA.execute_sync(document, variable_values=variables)
    assert result.errors is None
    return arrived[0]


def test_an_absent_field_is_unset_and_a_null_one_is_none() -> None:
    read = arrive('{ update(input: { orgId: "o", healthcare: null }) }')
    assert isinstance(read, UpdateOrgInput)
    assert read.healthcare is None
    assert all(value is strawberry.UNSET for value in (read.handles_phi, read.name))


def test_the_same_holds_for_variables_and_for_nested_inputs() -> None:
    document = "query ($input: SetOrgEntitlementsInput!) { entitle(input: $input) }"
    read = arrive(
        document, {"input": {"orgId": "o", "reason": "sold", "callingPlan": None, "textingAddOn": {"totalUnits": 3}}}
    )
    assert isinstance(read, SetOrgEntitlementsInput)
    assert read.calling_plan is None
    assert read.texting_add_on is not None
    assert read.texting_add_on.total_units == 3
    assert all(value is strawberry.UNSET for value in (read.customer_type, read.texting_add_on.suspended))


def test_a_default_is_filled_in_where_the_contract_names_one() -> None:
    read = arrive('{ create(input: { locationId: "l", displayName: "Ann", email: "ann@example.com" }) }')
    assert isinstance(read, CreateUserInput)
    assert read.texting is TextingMode.INHERIT
    assert read.phone_numbers is strawberry.UNSET


def test_a_scalar_s_problem_is_told_to_the_client() -> None:
    result = SCHEMA.execute_sync('{ update(input: { orgId: "o", effectiveFrom: "yesterday" }) }')
    assert result.errors is not None
    assert "write it like `2026-03-03T12:00:00Z`" in result.errors[0].message


def test_json_passes_through_as_literal_and_as_variable() -> None:
    value = {"a": [1, "x", True, None], "b": {"c": 2}}
    result = SCHEMA.execute_sync('query ($x: Int) { echo(value: { a: [1, "x", true, null], b: { c: $x } }) }', {"x": 2})
    assert result.data == {"echo": value}
    assert SCHEMA.execute_sync("query ($v: JSON!) { echo(value: $v) }", {"v": value}).data == {"echo": value}


def test_a_number_beyond_int_passes_as_literal_and_is_answered_as_a_string() -> None:
    assert SCHEMA.execute_sync("{ size(value: 18446744073709551615) }").data == {"size": "18446744073709551615"}
    assert SCHEMA.execute_sync('{ size(value: "18446744073709551615") }').data == {"size": "18446744073709551615"}
