"""The values that a bundle tells: each must be behind a digest of its own record."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from base64 import urlsafe_b64encode

import pytest

from audit.export.verify_bundle import FORMAT, Bundle

TOLD = b"WyJzYWx0IiwiL25hbWUiLCJBbmEiXQ"
DIGEST = urlsafe_b64encode(hashlib.sha256(TOLD).digest()).rstrip(b"=")
OTHER = b"A" * 43


def findings(entries: list[bytes], told: bytes) -> list[str]:
    """What reading these entries and values finds."""
    files = {"entries.jsonl": b"".join(each + b"\n" for each in entries), "disclosures.jsonl": told}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"format": FORMAT, "files": digests}))
        for name, data in files.items():
            archive.writestr(name, data)
    with zipfile.ZipFile(target) as archive:
        bundle = Bundle(archive)
        assert [entry for batch in bundle._entries() for entry in batch] == entries
    return bundle.findings


def entry(*digests: bytes, comment: bytes = b"") -> bytes:
    named = b'"_sd":["' + b'","'.join(digests) + b'"],' if digests else b""
    return b"{" + named + b'"comment":"' + comment + b'","involves":[]}'


def test_values_behind_their_record_s_digests_are_fine() -> None:
    told = b'[0,"%b"]\n[2,"%b"]\n' % (TOLD, TOLD)
    assert findings([entry(DIGEST), entry(), entry(OTHER, DIGEST)], told) == []


@pytest.mark.parametrize(
    "lacking", [entry(), entry(OTHER), entry(comment=DIGEST), entry(OTHER, comment=DIGEST), entry(OTHER, DIGEST[:-1])]
)
def test_a_value_that_its_record_has_no_digest_of_is_found(lacking: bytes) -> None:
    found = findings([entry(DIGEST), lacking], b'[1,"%b"]\n' % TOLD)
    assert found == ["a record without a name: does not stand for a value that is told of it (record 1)"]


@pytest.mark.parametrize("line", [b"", b"[]", b'[0,"%b"]x' % TOLD, b'[0,"%b\\"]' % TOLD, b"[0,%b]" % TOLD])
def test_a_line_that_is_no_disclosure_is_named(line: bytes) -> None:
    told = b'[0,"%b"]\n%b\n' % (TOLD, line)
    assert "disclosures.jsonl: has line 2, which is no disclosure" in findings([entry(DIGEST)], told)


def test_values_of_records_that_are_not_there_or_out_of_order_are_found() -> None:
    assert findings([entry(DIGEST)], b'[1,"%b"]\n' % TOLD) == [
        "disclosures.jsonl: tells of record number 1, which is not here"
    ]
    many = [entry(DIGEST, comment=b"x" * 1000)] * 400
    found = findings(many, b'[399,"%b"]\n[0,"%b"]\n' % (TOLD, TOLD))
    assert found == ["a record without a name: does not stand for a value that is told of it (record 0)"]
