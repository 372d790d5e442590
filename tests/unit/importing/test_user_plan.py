"""What a users file changes."""

from uuid import UUID

import pytest

from core.rules import numbers
from core.rules.enums import AssignmentStatus, NumberSource, UserStatus
from texting.importing.stored import Stored, StoredNumber, StoredUser
from texting.importing.user_plan import UserPlan, plan_users
from texting.importing.users_file import UserLine

_HQ, _LAB, _CARE = UUID(int=1), UUID(int=2), UUID(int=3)
_ANA, _BO = UUID(int=11), UUID(int=12)
_N1, _N2 = UUID(int=21), UUID(int=22)


def _line(email: str, line: int = 2, **told: object) -> UserLine:
    phone = told.pop("phone", None)
    parsed = numbers.parse(str(phone)) if phone else None
    assert not isinstance(parsed, numbers.Problem)
    given = {"display_name": email, "location": "HQ", "active": True, **told}
    return UserLine(line=line, email=email, phone=parsed, **given)  # type: ignore[arg-type]


def _user(id: UUID, email: str, **known: object) -> StoredUser:
    given = {"display_name": email, "location_id": _HQ, "status": UserStatus.ACTIVE, "app_version": None, **known}
    return StoredUser(id=id, email_key=email, primary_number_id=given.pop("primary_number_id", None), **given)  # type: ignore[arg-type]


def _number(id: UUID, e164: str, owner: UUID | None) -> StoredNumber:
    return StoredNumber(
        id=id, phone_number=e164, owner_id=owner, assigned_by=NumberSource.CISCO_CALLING_PLAN, campaign_id=None
    )


def _plan(
    *rows: UserLine, users: tuple[StoredUser, ...] = (), held: tuple[StoredNumber, ...] = (), missing: bool = False
) -> UserPlan:
    stored = Stored(
        users={user.email_key: user for user in users},
        numbers={number.phone_number: number for number in held},
        locations={"hq": _HQ, "lab": _LAB},
        campaigns={"CARE": _CARE},
    )
    return plan_users(rows, stored, deactivate_missing=missing)


def test_a_new_row_creates_a_user_and_its_number() -> None:
    plan = _plan(_line("ana@x.com", phone="+12125550100", campaign="CARE"))
    assert [creation.location_id for creation in plan.creations] == [_HQ]
    assert [(move.number_id, move.campaign_id) for move in plan.moves] == [(None, _CARE)]


def test_the_same_file_again_changes_nothing() -> None:
    ana = _user(_ANA, "ana@x.com", primary_number_id=_N1)
    plan = _plan(_line("Ana@X.com", phone="+12125550100"), users=(ana,), held=(_number(_N1, "+12125550100", _ANA),))
    assert (plan.creations, plan.updates, plan.moves, plan.changes, plan.unchanged) == ((), (), (), (), 1)


def test_an_empty_cell_leaves_what_is_stored() -> None:
    ana = _user(_ANA, "ana@x.com", app_version="42.12", primary_number_id=_N1)
    assert _plan(_line("ana@x.com"), users=(ana,)).unchanged == 1


def test_only_what_differs_is_updated() -> None:
    (update,) = _plan(_line("ana@x.com", location="Lab", app_version="43.1"), users=(_user(_ANA, "ana@x.com"),)).updates
    assert (update.display_name, update.location_id, update.app_version) == (None, _LAB, "43.1")


def test_another_users_number_refuses_the_row() -> None:
    plan = _plan(
        _line("bo@x.com", phone="+12125550100"),
        users=(_user(_ANA, "ana@x.com"),),
        held=(_number(_N1, "+12125550100", _ANA),),
    )
    assert [(fault.line, fault.column) for fault in plan.faults] == [(2, "Phone Number")]
    assert plan.creations == plan.moves == ()


def test_two_users_may_swap_numbers_in_one_file() -> None:
    users = (_user(_ANA, "ana@x.com", primary_number_id=_N1), _user(_BO, "bo@x.com", primary_number_id=_N2))
    held = (_number(_N1, "+12125550100", _ANA), _number(_N2, "+12125550101", _BO))
    plan = _plan(
        _line("ana@x.com", phone="+12125550101"), _line("bo@x.com", 3, phone="+12125550100"), users=users, held=held
    )
    assert [(move.number_id, move.releases) for move in plan.moves] == [(_N2, _N1), (_N1, _N2)]


def test_unknown_locations_and_campaigns_are_both_named() -> None:
    plan = _plan(_line("ana@x.com", location="Mars", campaign="X", phone="+12125550100"))
    assert [fault.column for fault in plan.faults] == ["Location", "Campaign"]


def test_who_left_is_deactivated_and_who_is_missing_only_when_asked() -> None:
    users = (_user(_ANA, "ana@x.com"), _user(_BO, "bo@x.com"))
    gone = _line("ana@x.com", active=False)
    assert [user.id for user in _plan(gone, users=users).departures] == [_ANA]
    assert [user.id for user in _plan(gone, users=users, missing=True).departures] == [_ANA, _BO]


def test_of_who_left_nothing_but_the_email_is_asked() -> None:
    gone = _line("ana@x.com", location="Mars", campaign="X", active=False)
    plan = _plan(gone, users=(_user(_ANA, "ana@x.com"),))
    assert (plan.faults, [user.id for user in plan.departures]) == ((), [_ANA])


def test_a_refused_row_is_not_missing() -> None:
    plan = _plan(_line("ana@x.com", location="Mars"), users=(_user(_ANA, "ana@x.com"),), missing=True)
    assert plan.departures == ()


def test_a_name_of_several_locations_or_campaigns_is_refused() -> None:
    stored = Stored(
        users={}, numbers={}, locations={"hq": _HQ}, campaigns={"CARE": _CARE}, twins=frozenset({"hq", "CARE"})
    )
    plan = plan_users([_line("ana@x.com", phone="+12125550100", campaign="CARE")], stored, deactivate_missing=False)
    assert [fault.column for fault in plan.faults] == ["Location", "Campaign"]


def test_a_number_of_another_organization_is_refused() -> None:
    stored = Stored(users={}, numbers={}, locations={"hq": _HQ}, campaigns={}, elsewhere=frozenset({"+12125550100"}))
    plan = plan_users([_line("ana@x.com", phone="+12125550100")], stored, deactivate_missing=False)
    assert [fault.column for fault in plan.faults] == ["Phone Number"]


def test_a_campaign_without_room_refuses_the_last_rows() -> None:
    stored = Stored(users={}, numbers={}, locations={"hq": _HQ}, campaigns={"CARE": _CARE}, room={_CARE: 2})
    rows = [_line(f"u{at}@x.com", at, phone=f"+1212555010{at}", campaign="CARE") for at in range(2, 6)]
    plan = plan_users(rows, stored, deactivate_missing=False)
    assert [(fault.line, fault.column) for fault in plan.faults] == [(4, "Campaign"), (5, "Campaign")]
    assert len(plan.creations) == 2


def test_a_refused_row_releases_no_number_and_so_on_down_the_chain() -> None:
    users = (_user(_ANA, "ana@x.com", primary_number_id=_N1), _user(_BO, "bo@x.com", primary_number_id=_N2))
    held = (_number(_N1, "+12125550100", _ANA), _number(_N2, "+12125550101", _BO))
    rows = (
        _line("cy@x.com", 2, phone="+12125550101"),
        _line("bo@x.com", 3, phone="+12125550100"),
        _line("ana@x.com", 4, phone="+12125550102", location="Mars"),
    )
    plan = _plan(*rows, users=users, held=held)
    assert [(fault.line, fault.column) for fault in plan.faults] == [
        (2, "Phone Number"),
        (3, "Phone Number"),
        (4, "Location"),
    ]
    assert (plan.creations, plan.moves) == ((), ())


def test_who_leaves_or_has_left_releases_the_number() -> None:
    users = (
        _user(_ANA, "ana@x.com", primary_number_id=_N1),
        _user(_BO, "bo@x.com", primary_number_id=_N2, status=UserStatus.DEACTIVATED),
    )
    held = (_number(_N1, "+12125550100", _ANA), _number(_N2, "+12125550101", _BO))
    rows = (
        _line("cy@x.com", 2, phone="+12125550100"),
        _line("di@x.com", 3, phone="+12125550101"),
        _line("ana@x.com", 4, active=False),
    )
    plan = _plan(*rows, users=users, held=held)
    assert plan.faults == ()
    assert [move.number_id for move in plan.moves] == [_N1, _N2]


def test_whom_a_refused_row_names_is_not_missing() -> None:
    users = (_user(_ANA, "ana@x.com"), _user(_BO, "bo@x.com"))
    stored = Stored(users={user.email_key: user for user in users}, numbers={}, locations={}, campaigns={})
    plan = plan_users([], stored, deactivate_missing=True, named={"bo@x.com"})
    assert [user.id for user in plan.departures] == [_ANA]


@pytest.mark.parametrize(
    ("assignment", "asked"),
    [
        (None, _CARE),
        (AssignmentStatus.UNASSIGNED, _CARE),
        (AssignmentStatus.FAILED_ASSIGNMENT, None),
        (AssignmentStatus.ASSIGNED, None),
        (AssignmentStatus.PENDING_UNASSIGNMENT, None),
    ],
)
def test_a_campaign_is_asked_for_once(assignment: AssignmentStatus | None, asked: UUID | None) -> None:
    ana = _user(_ANA, "ana@x.com", primary_number_id=_N1)
    number = StoredNumber(
        id=_N1,
        phone_number="+12125550100",
        owner_id=_ANA,
        assigned_by=NumberSource.CISCO_CALLING_PLAN,
        campaign_id=None if assignment is None else _CARE,
        assignment=assignment,
    )
    plan = _plan(_line("ana@x.com", phone="+12125550100", campaign="CARE"), users=(ana,), held=(number,))
    assert [change.campaign_id for change in plan.changes] == ([] if asked is None else [asked])
    assert plan.faults == ()


def test_another_campaign_waits_for_the_end_of_the_first() -> None:
    other = UUID(int=4)
    ana = _user(_ANA, "ana@x.com", primary_number_id=_N1)
    number = StoredNumber(
        id=_N1,
        phone_number="+12125550100",
        owner_id=_ANA,
        assigned_by=NumberSource.CISCO_CALLING_PLAN,
        campaign_id=other,
        assignment=AssignmentStatus.PENDING_UNASSIGNMENT,
    )
    plan = _plan(_line("ana@x.com", phone="+12125550100", campaign="CARE"), users=(ana,), held=(number,))
    assert [fault.column for fault in plan.faults] == ["Campaign"]
    assert "`PENDING_UNASSIGNMENT`" in plan.faults[0].reason
