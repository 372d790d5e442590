"""Secret keys: files for their owner alone, made at the first start."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc.jwk import OKPKey

from texting.keys import AUDIT_KEY_FILE, SIGNING_KEY_FILE, audit_key, token_key, write_private
from texting.startup_error import StartupError


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.mark.parametrize(("read", "name"), [(token_key, SIGNING_KEY_FILE), (audit_key, AUDIT_KEY_FILE)])
def test_a_key_is_made_once_for_its_owner_alone(read, name, folder):
    made = read(folder)
    again = read(folder)
    assert (made if isinstance(made, bytes) else made.as_dict(private=True)) == (
        again if isinstance(again, bytes) else again.as_dict(private=True)
    )
    assert mode(folder / name) == 0o600
    assert [path.name for path in folder.iterdir()] == [name]


def test_the_signing_key_is_of_ed25519_and_the_audit_key_has_32_bytes(folder):
    assert token_key(folder).as_dict()["crv"] == "Ed25519"
    assert len(audit_key(folder)) == 32


def test_of_several_at_once_all_read_the_same_key(folder):
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: audit_key(folder), range(24)))) == 1
    assert [path.name for path in folder.iterdir()] == [AUDIT_KEY_FILE]


@pytest.mark.parametrize("open_to", [0o640, 0o604, 0o660, 0o777])
def test_a_key_that_is_open_to_others_is_not_used(open_to, folder):
    audit_key(folder)
    (folder / AUDIT_KEY_FILE).chmod(open_to)
    with pytest.raises(StartupError, match="open to other users: run `chmod 600`"):
        audit_key(folder)


@pytest.mark.parametrize("content", [b"", b"xyz", b"00" * 31, b"00" * 33, b"\xff" * 64])
def test_a_damaged_audit_key_is_never_replaced(content, folder):
    write_private(folder / AUDIT_KEY_FILE, content)
    with pytest.raises(StartupError, match="is damaged: restore it from a backup"):
        audit_key(folder)
    assert (folder / AUDIT_KEY_FILE).read_bytes() == content


def public_only():
    return OKPKey.generate_key("Ed25519", private=True).as_dict(private=False)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"kty": "oct", "k": "c2VjcmV0"}',
        json.dumps(public_only()).encode(),
        json.dumps(OKPKey.generate_key("X25519", private=True).as_dict(private=True)).encode(),
    ],
)
def test_a_file_without_a_private_signing_key_is_damaged(content, folder):
    write_private(folder / SIGNING_KEY_FILE, content)
    with pytest.raises(StartupError, match="is damaged"):
        token_key(folder)


def test_a_key_that_cannot_be_made_says_where(folder):
    with pytest.raises(StartupError, match="cannot be used"):
        audit_key(folder / "nowhere")


def test_a_private_file_is_replaced_at_once(folder):
    path = folder / "tokens.json"
    write_private(path, b"one")
    os.link(path, folder / "old")
    write_private(path, b"two")
    assert (path.read_bytes(), (folder / "old").read_bytes()) == (b"two", b"one")
    assert mode(path) == 0o600
    assert sorted(each.name for each in folder.iterdir()) == ["old", "tokens.json"]


def test_a_private_file_that_cannot_be_written_says_so(folder):
    with pytest.raises(StartupError, match="cannot be written"):
        write_private(folder / "nowhere" / "tokens.json", b"x")
