"""Control Hub's exported users."""

import pytest

from core.rules.enums import NumberSource
from texting.importing.table import FileRefused, parse
from texting.importing.users_file import UsersFile, read_users

_HEADER = (
    "First Name,Last Name,Display Name,User ID/Email (Required),User Status,Extension,Phone Number,Caller ID Number,"
    "Location,Time zone,Address country,Webex Calling VAR Professional [site],Messaging,"
    "App Version,Number Source,Campaign"
)


def _read(*rows: str) -> UsersFile:
    return read_users(parse("\n".join([_HEADER, *rows]).encode(), name="exported_users.csv"))


def test_a_calling_user_is_read_with_the_plus_that_the_spreadsheet_lost() -> None:
    read = _read("Ana,Ruiz,,ana@example.com,Active,100,12125550100,,HQ,,US,TRUE,FALSE,42.12,CISCO_CALLING_PLAN,CARE")
    (user,) = read.users
    assert user.phone is not None
    assert (user.display_name, user.phone.e164, user.number_source) == (
        "Ana Ruiz",
        "+12125550100",
        NumberSource.CISCO_CALLING_PLAN,
    )
    assert (user.app_version, user.campaign, user.active) == ("42.12", "CARE", True)


def test_rows_without_a_calling_service_are_skipped_and_counted() -> None:
    read = _read("Bo,Li,,bo@example.com,Active,,,,HQ,,US,FALSE,TRUE,,,", "C,D,,c@example.com,Active,,,,HQ,,US,true,,,,")
    assert (read.skipped, [user.email for user in read.users]) == (1, ["c@example.com"])


def test_a_user_who_left_is_read_as_inactive() -> None:
    assert not _read("A,B,,a@example.com,Inactive,,,,HQ,,US,TRUE,,,,").users[0].active


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("A,B,,,Active,,,,HQ,,US,TRUE,,,,", "User ID/Email (Required)", "is empty"),
        ("A,B,,nobody,Active,,,,HQ,,US,TRUE,,,,", "User ID/Email (Required)", "`nobody` is not an e-mail"),
        ("A,B,,a@b.com,Active,,,,,,US,TRUE,,,,", "Location", "is empty"),
        ("A,B,,a@b.com,Active,,1-800-FLOWERS,,HQ,,US,TRUE,,,,", "Phone Number", "has letters"),
        ("A,B,,a@b.com,Active,,1.2125550100E+10,,HQ,,US,TRUE,,,,", "Phone Number", "has letters"),
        ("A,B,,a@b.com,Active,,,,HQ,,US,TRUE,,abc,,", "App Version", "`abc` is not a version"),
        ("A,B,,a@b.com,Active,,,,HQ,,US,TRUE,,,MARS,", "Number Source", "`MARS` is none of"),
    ],
)
def test_a_refused_row_is_named_by_line_column_and_reason(row: str, column: str, said: str) -> None:
    read = _read("Z,Z,,z@example.com,Active,,,,HQ,,US,TRUE,,,,", row)
    assert [user.email for user in read.users] == ["z@example.com"]
    (fault,) = read.faults
    assert (fault.line, fault.column) == (3, column)
    assert said in fault.reason


def test_a_row_with_two_faults_names_both() -> None:
    assert len(_read("A,B,,,Active,,,,,,US,TRUE,,,,").faults) == 2


def test_an_email_or_a_number_that_stands_twice_is_refused_where_it_comes_again() -> None:
    read = _read(
        "A,B,,a@b.com,Active,,2125550100,,HQ,,US,TRUE,,,,",
        "A,B,,A@B.com,Active,,,,HQ,,US,TRUE,,,,",
        "C,D,,c@d.com,Active,,+12125550100,,HQ,,US,TRUE,,,,",
    )
    assert [(fault.line, fault.column) for fault in read.faults] == [
        (3, "User ID/Email (Required)"),
        (4, "Phone Number"),
    ]


def test_a_file_without_the_needed_columns_is_refused() -> None:
    with pytest.raises(FileRefused, match="no column `Location`"):
        read_users(parse(b"User ID/Email (Required)\na@b.com\n", name="f.csv"))
    with pytest.raises(FileRefused, match="begins with `Webex Calling`"):
        read_users(parse(b"User ID/Email (Required),Location\na@b.com,HQ\n", name="f.csv"))


def test_whom_rows_name_is_known_whatever_becomes_of_the_rows() -> None:
    read = _read(
        "A,B,,Ana@b.com,Active,,not a number,,HQ,,US,TRUE,,,,",
        "C,D,,bo@b.com,Active,,,,HQ,,US,FALSE,,,,",
        "E,F,,nobody,Active,,,,HQ,,US,TRUE,,,,",
        "G,H,,short",
    )
    assert read.named >= {"ana@b.com", "bo@b.com"}
    assert read.nameless == (4, 5)
    assert read.users == ()


def test_a_name_is_read_as_it_will_be_stored() -> None:
    (user,) = _read('"Chloé","O\nBrien",,a@b.com,Active,,,,HQ,,US,TRUE,,,,').users
    assert user.display_name == "Chloé O Brien"
    (fault,) = _read("A\x07,B,,a@b.com,Active,,,,HQ,,US,TRUE,,,,").faults
    assert (fault.column, "control character" in fault.reason) == ("Display Name", True)
    (fault,) = _read(f"{'A' * 257},B,,a@b.com,Active,,,,HQ,,US,TRUE,,,,").faults
    assert "takes at most 256" in fault.reason


def test_a_leavers_number_may_be_somebody_elses_already() -> None:
    read = _read(
        "A,B,,a@b.com,Inactive,,2125550100,,HQ,,US,TRUE,,,,", "C,D,,c@d.com,Active,,2125550100,,HQ,,US,TRUE,,,,"
    )
    assert read.faults == ()
