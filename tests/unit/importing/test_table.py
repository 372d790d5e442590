"""CSV files as they really come."""

from pathlib import Path

import pytest

from texting.importing.table import FileRefused, parse, read


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_file_reads_the_same_with_and_without_bom_and_crlf(bom: bytes, newline: bytes) -> None:
    table = parse(bom + newline.join([b"Name,City", b"Ana,Reno", b""]), name="f.csv")
    assert table.headers == ("Name", "City")
    assert [(line.number, dict(line.cells)) for line in table.lines] == [(2, {"Name": "Ana", "City": "Reno"})]


def test_quoted_commas_and_newlines_stay_in_their_cell_and_lines_are_counted_in_the_file() -> None:
    table = parse(b'Name,City\n"Doe, Ana","Re\nno"\nBo,Elko\n', name="f.csv")
    assert [line.number for line in table.lines] == [2, 4]
    assert table.lines[0].cells == {"Name": "Doe, Ana", "City": "Re\nno"}


def test_a_row_with_too_few_cells_is_named_by_its_line() -> None:
    table = parse(b"Name,City\nAna\nBo,Elko\n", name="f.csv")
    assert [(fault.line, fault.reason) for fault in table.faults] == [(2, "has 1 cells where the header has 2")]
    assert len(table.lines) == 1


def test_empty_rows_are_no_rows() -> None:
    assert parse(b"Name,City\n,\n\nBo,Elko\n", name="f.csv").lines[0].cells["Name"] == "Bo"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xff\xfeN\0", "save it as `CSV UTF-8`"),
        (b"Name\n\xe9\n", "byte 0xe9 on line 2"),
        (b"Name\nA\0\n", "NUL character on line 2"),
        (b'Name\n"Ana\n', "check its quotes"),
        (b'Name,City\n"Ana"x,Reno\n', "check its quotes"),
        (b"Name;City\nAna;Reno\n", "save it with commas"),
        (b"Name,Name\nAna,Reno\n", "the column `Name` twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(FileRefused, match=r"`f\.csv`") as refused:
        parse(content, name="f.csv")
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be read"):
        read(tmp_path / "none.csv")
