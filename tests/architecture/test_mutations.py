"""Every mutation is bound once, through the one way to change anything, and says which audit verbs it may leave."""

from graphql import GraphQLInterfaceType, GraphQLUnionType, get_named_type

from core.commands.refusals import Refusal
from resolvers.mutations.payloads import PAYLOADS
from resolvers.mutations.performing import Mutations
from resolvers.mutations.refusals import SHOWN
from resolvers.registries import REGISTRIES
from schema.api import build_schema

SCHEMA = build_schema()
CORE = SCHEMA._schema
BOUND = [mutations for mutations in REGISTRIES if isinstance(mutations, Mutations)]


def declared() -> set[str]:
    """The mutations of the schema, by Python name."""
    assert CORE.mutation_type is not None
    return {field.extensions["strawberry-definition"].python_name for field in CORE.mutation_type.fields.values()}


def answers() -> set[str]:
    """Everything that some mutation may answer."""
    assert CORE.mutation_type is not None
    found = set()
    for field in CORE.mutation_type.fields.values():
        union = get_named_type(field.type)
        assert isinstance(union, GraphQLUnionType)
        found |= {member.name for member in union.types}
    return found


def test_every_mutation_has_an_audit_action() -> None:
    actions = [(name, verbs) for mutations in BOUND for name, verbs in mutations.actions.items()]
    assert {name for name, _ in actions} == declared()
    assert len(actions) == len(declared())
    assert [name for name, verbs in actions if not verbs] == []


def test_no_mutation_goes_another_way() -> None:
    through = {f"Mutation.{name}" for mutations in BOUND for name in mutations.actions}
    assert {name for registry in REGISTRIES for name, _ in registry if name.startswith("Mutation.")} == through


def test_whatever_a_mutation_may_answer_can_be_made() -> None:
    assert answers() == set(PAYLOADS) | {refusal.__name__ for refusal in SHOWN}


def test_every_refusal_of_a_command_has_its_type() -> None:
    refusals = CORE.type_map["Refusal"]
    assert isinstance(refusals, GraphQLInterfaceType)
    names = {kind.__name__ for kind in SHOWN}
    assert names == {kind.__name__ for kind in Refusal.__subclasses__()}
    assert names == {type_.name for type_ in CORE.get_implementations(refusals).objects}
