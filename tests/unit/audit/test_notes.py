"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature), and the keys of a log."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import Checkpoint, parse_checkpoint, parse_text
from audit.log_keys import LogKeys
from audit.notes import (
    COSIGNATURE,
    ED25519,
    ClockSigner,
    KeySigner,
    Note,
    NoteError,
    Signature,
    UnknownSigner,
    Verifier,
    cosigned,
    cosigned_at,
    parse_note,
    parse_signature,
    sign_note,
)

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
TEXT = Checkpoint(origin="log.example/org/1", size=7, root=bytes(range(32))).text()
SIGNER = KeySigner("log.example/org/1", KEY)
CLOCK = ClockSigner("log.example/clock", KEY, 1_772_366_400)
ORG = UUID(int=1)


async def signed() -> Note:
    return await sign_note(TEXT, [SIGNER, CLOCK])


async def test_a_note_is_its_text_an_empty_line_and_its_signatures() -> None:
    data = bytes(await signed())
    lines = data.decode().split("\n")
    assert lines[:4] == ["log.example/org/1", "7", b64encode(bytes(range(32))).decode(), ""]
    assert lines[4].startswith("\N{EM DASH} log.example/org/1 ")
    assert lines[5].startswith("\N{EM DASH} log.example/clock ")
    assert lines[6:] == [""]
    assert parse_note(data) == await signed()


async def test_a_signature_holds_for_its_text_and_key_alone() -> None:
    note = await signed()
    assert note.require([SIGNER.verifier]).name == "log.example/org/1"
    assert note.require([KeySigner("log.example/org/1", OTHER).verifier, SIGNER.verifier])
    assert note.signed_by(KeySigner("log.example/org/1", OTHER).verifier) is None
    assert note.signed_by(KeySigner("log.example/org/2", KEY).verifier) is None
    with pytest.raises(NoteError, match="ask for the log's verifier key"):
        note.require([KeySigner("log.example/org/1", OTHER).verifier])


@pytest.mark.parametrize("verifier", [SIGNER.verifier, CLOCK.verifier])
async def test_a_changed_text_is_seen(verifier: Verifier) -> None:
    changed = replace(await signed(), text=TEXT.replace(b"7", b"8"))
    with pytest.raises(NoteError, match="does not hold: the note was changed"):
        changed.signed_by(verifier)


async def test_a_cosignature_signs_the_time_too() -> None:
    line = (await signed()).signed_by(CLOCK.verifier)
    assert line is not None
    assert cosigned_at(line.data) == 1_772_366_400
    later = (cosigned_at(line.data) + 1).to_bytes(8, "big") + line.data[8:]
    assert CLOCK.verifier.holds(TEXT, line.data)
    assert not CLOCK.verifier.holds(TEXT, later)
    assert not CLOCK.verifier.holds(TEXT, line.data[8:])
    assert not SIGNER.verifier.holds(TEXT, line.data[8:])
    assert cosigned(TEXT, 5) == b"cosignature/v1\ntime 5\n" + TEXT


async def test_the_same_text_gives_the_same_bytes() -> None:
    assert bytes(await signed()) == bytes(await signed())


@pytest.mark.parametrize("verifier", [SIGNER.verifier, CLOCK.verifier])
def test_a_verifier_key_reads_back(verifier: Verifier) -> None:
    assert Verifier.parse(str(verifier)) == verifier
    assert Verifier.parse(f" {verifier}\n") == verifier
    name, key_id, _ = str(verifier).split("+", 2)
    algorithm = bytes([verifier.algorithm])
    assert key_id == sha256(name.encode() + b"\n" + algorithm + verifier.key).digest()[:4].hex()


def test_the_algorithm_is_part_of_the_key() -> None:
    assert (SIGNER.verifier.algorithm, CLOCK.verifier.algorithm) == (ED25519, COSIGNATURE)
    same = ClockSigner(SIGNER.name, KEY, 0).verifier
    assert same.key == SIGNER.verifier.key
    assert same.key_id != SIGNER.verifier.key_id


VKEY = str(SIGNER.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log.example",
        "log.example+00000000",
        VKEY.replace("log", "lag"),
        VKEY[:-4],
        VKEY + "AAAA",
        VKEY.replace("+", " ", 1),
        "+" + VKEY.partition("+")[2],
        VKEY + "é",
        VKEY.upper(),
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError, match="is no verifier key"):
        Verifier.parse(text)


@pytest.mark.parametrize("algorithm", [0, 2, 3, 5, 6, 255])
def test_a_key_of_an_algorithm_that_is_not_known_is_refused(algorithm: int) -> None:
    other = Verifier(name="log.example", algorithm=algorithm, key=SIGNER.verifier.key)
    with pytest.raises(NoteError, match=f"algorithm `{algorithm}`, which is not known here"):
        Verifier.parse(str(other))


def test_a_note_that_nobody_known_signed_names_who_did() -> None:
    line = Signature(SIGNER.name, SIGNER.verifier.key_id, b"x" * 64)
    other = ClockSigner("other.example", KEY, 0).verifier
    with pytest.raises(UnknownSigner) as caught:
        Note(b"text\n", (line,)).require([other])
    assert caught.value.signed_by == [str(SIGNER.verifier).rpartition("+")[0]]


LINE = f"\N{EM DASH} name {b64encode(b'0123' + b'x' * 64).decode()}"


def test_a_signature_line_reads_back() -> None:
    assert str(parse_signature(LINE)) == LINE + "\n"


@pytest.mark.parametrize(
    "line",
    [
        "",
        LINE.removeprefix("\N{EM DASH} "),
        LINE.replace("\N{EM DASH}", "-"),
        LINE.replace(" name ", "  "),
        LINE.replace("name", "na+me"),
        LINE + "!",
        "\N{EM DASH} name",
        "\N{EM DASH} name AAAA",
        "\N{EM DASH} name " + b64encode(b"0123").decode(),
    ],
)
def test_what_is_no_signature_line_is_refused(line: str) -> None:
    with pytest.raises(NoteError, match="is no signature line"):
        parse_signature(line)


@pytest.mark.parametrize(
    "data", [b"", b"text\n", b"text\n\n", b"text\n\nline", b"\xff\n\n", b"text\n\n\xe2\x80\x94 a b"]
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        parse_note(data)


@given(st.integers(0, 10**19 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_reads_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin="log.example/org/1", size=size, root=root)
    assert parse_text(checkpoint.text()) == checkpoint


async def test_a_signed_checkpoint_reads_back_with_its_note() -> None:
    checkpoint, note = parse_checkpoint(bytes(await signed()))
    assert checkpoint == Checkpoint(origin="log.example/org/1", size=7, root=bytes(range(32)))
    assert note == await signed()


ROOT = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n7\n",
        f"\n7\n{ROOT}\n",
        f"origin\n07\n{ROOT}\n",
        f"origin\n-7\n{ROOT}\n",
        f"origin\n+7\n{ROOT}\n",
        f"origin\n7 \n{ROOT}\n",
        f"origin\n{10**19}\n{ROOT}\n",
        "origin\n7\nAAAA\n",
        f"origin\n7\n{ROOT}!\n",
        "origin\n7\né\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError, match="is no checkpoint"):
        parse_text(text.encode())


async def test_every_key_of_a_log_signs_and_the_newest_says_when() -> None:
    keys = LogKeys(host="log.example", keys=[OTHER, KEY])
    origin = keys.origin(ORG)
    note = await sign_note(TEXT, keys.signers(origin, time_s=5))
    assert [line.name for line in note.signatures] == [origin, origin, "log.example/clock"]
    assert all(note.signed_by(verifier) for verifier in keys.verifiers(origin))
    old, new = keys.clock_verifiers()
    assert note.signed_by(old) is None
    line = note.signed_by(new)
    assert line is not None
    assert cosigned_at(line.data) == 5


def test_a_log_s_name_tells_nobody_whose_it_is_and_is_its_own() -> None:
    keys = LogKeys(host="log.example", keys=[KEY])
    origin = keys.origin(ORG)
    assert origin.startswith("log.example/org/")
    assert ORG.hex not in origin
    assert len({origin, keys.origin(UUID(int=2)), LogKeys(host="other", keys=[KEY]).origin(ORG)}) == 3
    assert origin == LogKeys(host="log.example", keys=[OTHER]).origin(ORG)
    assert keys.anchor_origin == "log.example/anchor"
