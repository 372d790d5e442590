"""The fold over versions of facts: the newest that counts holds, and only what holds matters."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.rules.history import Cut, FactVersion, changes, fold

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ENTITY = UUID(int=1)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


@st.composite
def histories(draw: st.DrawFn) -> list[FactVersion]:
    """Versions of one entity, the newest first, with any places in the log or none."""
    facts = st.dictionaries(st.sampled_from(("a", "b", "c")), st.integers(0, 3), min_size=1)
    drawn = draw(st.lists(st.tuples(st.integers(0, 9), facts, st.none() | st.integers(0, 9)), max_size=12))
    made = [
        FactVersion(
            id=UUID(int=100 + number),
            entity_id=ENTITY,
            valid_from=at(minute),
            facts=told,
            audit_id=UUID(int=500 + number // 2),
            leaf_index=leaf,
        )
        for number, (minute, told, leaf) in enumerate(drawn)
    ]
    return sorted(made, key=lambda version: (version.valid_from, version.id), reverse=True)


cuts = st.builds(
    Cut,
    as_of=st.none() | st.integers(-1, 10).map(at),
    size=st.none() | st.integers(0, 10),
    newest=st.none() | st.integers(99, 112).map(lambda number: UUID(int=number)),
    without=st.none() | st.integers(500, 506).map(lambda number: UUID(int=number)),
)


@given(histories(), cuts)
def test_a_fact_is_what_its_newest_version_says_that_counts(versions: list[FactVersion], cut: Cut):
    held = fold(versions, cut)
    for name in ("a", "b", "c"):
        counting = [version for version in versions if name in version.facts and cut.holds(version)]
        if not counting:
            assert name not in held
            continue
        newest = max(counting, key=lambda version: (version.valid_from, version.id))
        assert (held[name].version, held[name].value) == (newest, newest.facts[name])


@given(histories(), cuts, st.data())
def test_what_does_not_hold_may_be_there_or_not(versions: list[FactVersion], cut: Cut, data: st.DataObject):
    held = fold(versions, cut)
    needed = {fact.version.id for fact in held.values()}
    kept = [version for version in versions if version.id in needed or data.draw(st.booleans())]
    assert fold(kept, cut) == held
    if held:
        until = Cut(
            as_of=max(fact.version.valid_from for fact in held.values()),
            newest=max(needed),
            size=cut.size,
            without=cut.without,
        )
        assert fold(versions, until) == held


@given(histories(), st.integers(-1, 10), st.integers(0, 10))
def test_the_versions_that_changed_a_fact_lead_from_one_value_to_the_other(
    versions: list[FactVersion], first: int, last: int
):
    before, after = Cut(as_of=at(min(first, last))), Cut(as_of=at(max(first, last)))
    for name in ("a", "b", "c"):
        found = changes(versions, name, before=before, after=after)
        then, now = (fold(versions, cut).get(name) for cut in (before, after))
        value = None if then is None else then.value
        for version in found:
            assert after.holds(version)
            assert not before.holds(version)
            assert version.facts[name] != value
            value = version.facts[name]
        assert value == (None if now is None else now.value)
