"""Witnesses (C2SP tlog-witness): outsiders who cosign the anchor's checkpoint if it continues the one they saw before.

A witness remembers. A database that was restored from an old backup, or a history that was rewritten, does not continue
what it saw; then nothing more is sealed until somebody has decided what to do.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from audit.checkpoint import Checkpoint
from audit.log_keys import LogKeys
from audit.merkle import EMPTY_ROOT
from audit.notes import COSIGNATURE, NoteError, Signature, Verifier, cosigned_at, parse_note, parse_signature, sign_note
from audit.trees import Tree, TreeBroken

Post = Callable[[str, bytes], Awaitable[tuple[int, bytes]]]
"""Send a body to an address and give status and body of the answer. Raises what the network raises."""

_OK, _CONFLICT, _UNPROCESSABLE = 200, 409, 422
_LINES_MAX = 16
"""Cosignature lines that are read of one answer: a witness has few keys."""

_STORE = """
INSERT INTO anchor.cosignature (org_id, size, witness, cosigned_at, line) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_SEEN = "SELECT max(size) FROM anchor.cosignature WHERE org_id = $1 AND witness = $2"
_NEWEST = "SELECT size, note FROM anchor.checkpoint WHERE org_id = $1 AND origin = $2 ORDER BY size DESC LIMIT 1"


class BehindWitness(TreeBroken):
    """A witness has seen what this database does not have: the database was restored, or history was rewritten."""


class WitnessFailed(Exception):
    """A witness did not answer as the protocol says; the next checkpoint is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One witness: where checkpoints are sent (`add-checkpoint` is added), and its public key."""

    url: str
    verifier: Verifier

    @classmethod
    def parse(cls, text: str) -> Witness:
        """Read `<url> <verifier key>`.

        Raises:
            NoteError: it is not that, or the key is not a witness's (algorithm 4).
        """
        url, _, key = text.strip().partition(" ")
        if not key or not url.startswith(("http://", "https://")):
            raise NoteError(f"`{text.strip()[:80]}` is no witness: give its address, a blank and its verifier key")
        verifier = Verifier.parse(key)
        if verifier.algorithm != COSIGNATURE:
            raise NoteError(f"the key of `{verifier.name}` is not a witness's: its algorithm is not cosignature/v1")
        return cls(url=url.rstrip("/"), verifier=verifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A checkpoint to show. `note` is the signed one."""

    size: int
    note: bytes


class Witnessing:
    """Shows the anchor's checkpoints to the witnesses and keeps what they sign. `pool`: of the worker's role."""

    def __init__(self, pool: Any, keys: LogKeys, *, anchor_id: UUID, witnesses: Sequence[Witness], post: Post) -> None:
        """`anchor_id`: the organization that the anchor log's rows belong to."""
        self._pool = pool
        self._keys = keys
        self._tree = Tree("anchor", anchor_id)
        self._witnesses = witnesses
        self._post = post

    async def show_newest(self) -> None:
        """Show the newest checkpoint to every witness, and before the first one the empty tree.

        Raises:
            BehindWitness: a witness has seen more, or something else.
            ExceptionGroup: of WitnessFailed or what the network raised; the other witnesses were asked all the same.
        """
        if not self._witnesses:
            return
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(_NEWEST, self._tree.org_id, self._keys.anchor_origin)
        shown = Shown(size=row["size"], note=bytes(row["note"])) if row is not None else await self._nothing()
        failures: list[Exception] = []
        for witness in self._witnesses:
            try:
                await self._show(witness, shown)
            except BehindWitness:
                raise
            except Exception as error:  # noqa: BLE001 - one witness that is away does not keep the others from seeing
                failures.append(error)
        if failures:
            raise ExceptionGroup("witnesses that did not cosign", failures)

    async def _nothing(self) -> Shown:
        """Sign the empty tree: who has seen more than nothing will say so."""
        origin = self._keys.anchor_origin
        now_s = int(datetime.now(UTC).timestamp())
        text = Checkpoint(origin=origin, size=0, root=EMPTY_ROOT).text()
        return Shown(size=0, note=bytes(await sign_note(text, self._keys.signers(origin, time_s=now_s))))

    async def _show(self, witness: Witness, shown: Shown) -> None:
        async with self._pool.acquire() as connection:
            old = await connection.fetchval(_SEEN, self._tree.org_id, witness.verifier.name) or 0
        status, answer = await self._submit(witness, old, shown)
        if status == _CONFLICT:
            seen = _size(answer, witness)
            if seen > shown.size or seen == old:
                raise self._behind(witness, seen, shown)
            status, answer = await self._submit(witness, seen, shown)
        if status in (_CONFLICT, _UNPROCESSABLE):
            raise self._behind(witness, old, shown)
        if status != _OK:
            raise WitnessFailed(f"witness `{witness.verifier.name}` answered {status}: {_excerpt(answer)}")
        if shown.size:
            await self._keep(witness, shown, answer)

    async def _submit(self, witness: Witness, old: int, shown: Shown) -> tuple[int, bytes]:
        if old > shown.size:
            raise self._behind(witness, old, shown)
        async with self._pool.acquire() as connection:
            proof = await self._tree.consistency(connection, old, shown.size)
        lines = [f"old {old}", *(b64encode(hash).decode() for hash in proof), ""]
        return await self._post(f"{witness.url}/add-checkpoint", "\n".join(lines).encode() + b"\n" + shown.note)

    async def _keep(self, witness: Witness, shown: Shown, answer: bytes) -> None:
        text = parse_note(shown.note).text
        signed = [line for line in _lines(answer) if _is_by(line, witness.verifier, text)]
        if not signed:
            raise WitnessFailed(f"witness `{witness.verifier.name}` answered no cosignature of its key")
        line = signed[0]
        moment = datetime.fromtimestamp(cosigned_at(line.data), tz=UTC)
        row = (self._tree.org_id, shown.size, witness.verifier.name, moment, str(line))
        async with self._pool.acquire() as connection:
            await connection.execute(_STORE, *row)

    def _behind(self, witness: Witness, seen: int, shown: Shown) -> BehindWitness:
        return BehindWitness(
            f"witness `{witness.verifier.name}` has seen size `{seen}` of `{self._keys.anchor_origin}`, which size "
            f"`{shown.size}` here does not continue: restore a newer backup, or retire the origin"
        )


def _size(answer: bytes, witness: Witness) -> int:
    text = answer.decode(errors="replace").strip()
    if not text.isdecimal():
        raise WitnessFailed(f"witness `{witness.verifier.name}` named no size: {_excerpt(answer)}")
    return int(text)


def _lines(answer: bytes) -> list[Signature]:
    found = []
    for line in answer.decode(errors="replace").split("\n")[:_LINES_MAX]:
        try:
            found.append(parse_signature(line))
        except NoteError:
            continue
    return found


def _is_by(line: Signature, verifier: Verifier, text: bytes) -> bool:
    known = (line.name, line.key_id) == (verifier.name, verifier.key_id)
    return known and verifier.holds(text, line.data)


def _excerpt(answer: bytes) -> str:
    return repr(answer[:80].decode(errors="replace"))
