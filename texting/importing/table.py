"""A CSV file as it really comes: BOM or none, CRLF, quoted commas and newlines; every cell knows its line."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

FILE_BYTES_MAX = 64 * 1024 * 1024
"""A 20,000-user export has some 6 MB: what is ten times that is not such a file."""
CELL_CHARACTERS_MAX = 10_000
"""No column has values of this length; a longer cell is a quote that was never closed."""

_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class FileRefused(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a row was refused. `line` counts from 1, the header's; `column` is its header, or empty for the row."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row: the line it starts on and its cells by header, blanks trimmed."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that could be read: its headers in order, its rows, and the rows that have the wrong shape."""

    name: str
    sha256: str
    headers: tuple[str, ...]
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


def read(path: Path) -> Table:
    """Read a file. Raises `FileRefused`: not there, too large, not UTF-8, no header, or a quote never closed."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise FileRefused(f"`{path}` is larger than {FILE_BYTES_MAX >> 20} MiB: split it, header row in each part")
        content = path.read_bytes()
    except OSError as error:
        raise FileRefused(f"`{path}` cannot be read ({error.strerror}): check the name and its permissions") from None
    return parse(content, name=path.name)


def parse(content: bytes, *, name: str) -> Table:
    """Parse the bytes of a file; see `read`."""
    headers: tuple[str, ...] = ()
    lines: list[Line] = []
    faults: list[Fault] = []
    for number, cells in _rows(_text(content, name), name):
        if not headers:
            headers = _headers(cells, name)
        elif not any(cells):
            continue
        elif len(cells) != len(headers):
            faults.append(
                Fault(line=number, column="", reason=f"has {len(cells)} cells where the header has {len(headers)}")
            )
        else:
            lines.append(Line(number=number, cells=dict(zip(headers, cells, strict=True))))
    if not headers:
        raise FileRefused(f"`{name}` is empty: the first row names the columns")
    return Table(
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        headers=headers,
        lines=tuple(lines),
        faults=tuple(faults),
    )


def _text(content: bytes, name: str) -> str:
    if encoding := _BOMS.get(content[:2]):
        raise FileRefused(f"`{name}` is written in {encoding}: save it as `CSV UTF-8`")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"`{name}` is not UTF-8: byte 0x{content[error.start]:02x} on line {line}; save it as `CSV UTF-8`"
        ) from None
    if (at := text.find("\0")) >= 0:
        raise FileRefused(f"`{name}` has a NUL character on line {text.count(chr(10), 0, at) + 1}: remove it")
    return text


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    while True:
        starts_on = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise FileRefused(f"`{name}` is not CSV from line {starts_on} on ({error}): check its quotes") from None
        if cells is None:
            return
        yield starts_on, [cell.strip() for cell in cells]


def _headers(cells: list[str], name: str) -> tuple[str, ...]:
    if len(cells) == 1 and (";" in cells[0] or "\t" in cells[0]):
        raise FileRefused(f"`{name}` separates its columns with `;` or a tab: save it with commas")
    twice = sorted({cell for cell in cells if cell and cells.count(cell) > 1})
    if twice:
        raise FileRefused(f"`{name}` names the column `{twice[0]}` twice: rename one")
    # A column without a name cannot be asked for, but its place counts.
    return tuple(cell or f"(column {place})" for place, cell in enumerate(cells, 1))
