"""The values that a bundle tells: each must be behind a digest of its own record."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import zipfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.export import verify_bundle
from audit.export.verify_bundle import FORMAT, Bundle

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

TOLD = b"WyJzYWx0IiwiL25hbWUiLCJBbmEiXQ"
SECOND = b"WyJzYWx0IiwiL25hbWUiLCJCb2IiXQ"
DIGEST = urlsafe_b64encode(hashlib.sha256(TOLD).digest()).rstrip(b"=")
SECOND_DIGEST = urlsafe_b64encode(hashlib.sha256(SECOND).digest()).rstrip(b"=")
OTHER = b"A" * 43


Findings = Callable[[list[bytes], bytes], list[str]]


@pytest.fixture(params=["in one process", "in two"])
def findings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Findings:
    """What reading entries and values finds, either way."""
    if request.param == "in two":
        monkeypatch.setattr(verify_bundle, "_MANY", 0)

    def found(entries: list[bytes], told: bytes) -> list[str]:
        with zipfile.ZipFile(written(tmp_path / "bundle.zip", entries, told)) as archive:
            bundle = Bundle(archive)
            assert [entry for batch in bundle._entries() for entry in batch] == entries
        assert bundle.disclosures == told.count(b"\n")
        return bundle.findings

    return found


def written(path: Path, entries: list[bytes], told: bytes) -> Path:
    """Write a bundle of entries and values."""
    files = {"entries.jsonl": b"".join(each + b"\n" for each in entries), "disclosures.jsonl": told}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"format": FORMAT, "files": digests}))
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def entry(*digests: bytes, comment: bytes = b"") -> bytes:
    named = b'"_sd":["' + b'","'.join(digests) + b'"],' if digests else b""
    return b"{" + named + b'"comment":"' + comment + b'","involves":[]}'


def test_values_behind_their_record_s_digests_are_fine(findings: Findings) -> None:
    told = b'[0,"%b"]\n[2,"%b"]\n' % (TOLD, TOLD)
    assert findings([entry(DIGEST), entry(), entry(OTHER, DIGEST)], told) == []


def test_all_or_some_of_a_record_s_values_may_be_told(findings: Findings) -> None:
    digests = sorted([DIGEST, SECOND_DIGEST])
    told = b'[0,"%b"]\n[0,"%b"]\n[1,"%b"]\n[2,"%b"]\n' % (TOLD, SECOND, TOLD, SECOND)
    assert findings([entry(*digests), entry(*digests), entry(*digests)], told) == []
    lacks = findings([entry(*digests), entry(DIGEST), entry(DIGEST, OTHER)], told)
    assert lacks == ["a record without a name: does not stand for a value that is told of it (record 2)"]


@pytest.mark.parametrize(
    "lacking", [entry(), entry(OTHER), entry(comment=DIGEST), entry(OTHER, comment=DIGEST), entry(OTHER, DIGEST[:-1])]
)
def test_a_value_that_its_record_has_no_digest_of_is_found(findings: Findings, lacking: bytes) -> None:
    found = findings([entry(DIGEST), lacking], b'[1,"%b"]\n' % TOLD)
    assert found == ["a record without a name: does not stand for a value that is told of it (record 1)"]


@pytest.mark.parametrize("line", [b"", b"[]", b'[0,"%b"]x' % TOLD, b'[0,"%b\\"]' % TOLD, b"[0,%b]" % TOLD])
def test_a_line_that_is_no_disclosure_is_named(findings: Findings, line: bytes) -> None:
    told = b'[0,"%b"]\n%b\n' % (TOLD, line)
    assert "disclosures.jsonl: has line 2, which is no disclosure" in findings([entry(DIGEST)], told)


def test_values_of_records_that_are_not_there_or_out_of_order_are_found(findings: Findings) -> None:
    assert findings([entry(DIGEST)], b'[1,"%b"]\n' % TOLD) == [
        "disclosures.jsonl: tells of record number 1, which is not here"
    ]
    many = [entry(DIGEST, comment=b"x" * 1000)] * 400
    found = findings(many, b'[399,"%b"]\n[0,"%b"]\n' % (TOLD, TOLD))
    assert found == ["a record without a name: does not stand for a value that is told of it (record 0)"]


def test_what_is_wrong_has_one_order_either_way(findings: Findings) -> None:
    told = b'[0,"%b"]\n[]\n[1,"%b"]\n[2,"%b"]\n' % (TOLD, TOLD, TOLD)
    assert findings([entry(DIGEST), entry(OTHER), entry()], told) == [
        "a record without a name: does not stand for a value that is told of it (record 1)",
        "a record without a name: does not stand for a value that is told of it (record 2)",
        "disclosures.jsonl: has line 2, which is no disclosure",
    ]


def test_values_that_cannot_be_inflated_end_the_reading_either_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = written(tmp_path / "bundle.zip", [entry(DIGEST)], b'[0,"%b"]\n' % TOLD)
    path.write_bytes(path.read_bytes().replace(TOLD, TOLD[::-1]))
    for many in (verify_bundle._MANY, 0):
        monkeypatch.setattr(verify_bundle, "_MANY", many)
        with zipfile.ZipFile(path) as archive, pytest.raises(zipfile.BadZipFile, match="disclosures"):
            list(Bundle(archive)._entries())


def test_a_reading_that_is_given_up_leaves_no_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(verify_bundle, "_MANY", 0)
    told = b"".join(b'[%d,"%b"]\n' % (number, TOLD) for number in range(20_000))
    with zipfile.ZipFile(written(tmp_path / "bundle.zip", [entry(DIGEST)] * 20_000, told)) as archive:
        reading = Bundle(archive)._entries()
        next(reading)
        assert multiprocessing.active_children()
        del reading
        assert not multiprocessing.active_children()


def test_an_archive_that_cannot_be_inflated_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", "{}")
    data = bytearray(path.read_bytes())
    data[len("manifest.json") + 30] = 0b111  # a last block of the type that there is not (RFC 1951 §3.2.3)
    path.write_bytes(data)
    assert verify_bundle.main([str(path), "--vkey", _vkey()]) == 2
    assert "cannot be read as a bundle" in capsys.readouterr().err


def _vkey() -> str:
    raw = b"\x01" + bytes(32)
    return f"log.example+{hashlib.sha256(b'log.example' + bytes([10]) + raw).hexdigest()[:8]}+{b64encode(raw).decode()}"
