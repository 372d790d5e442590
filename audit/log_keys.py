"""The name of this deployment's logs, and the keys that sign them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.notes import ClockSigner, KeySigner, NoteSigner, Verifier

ANCHOR = "anchor"
CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeys:
    """`host` begins every origin and never changes. `keys` sign, the oldest first: rotation adds one, then drops one.

    A key signs under the origin's own name, as C2SP tlog-checkpoint recommends.
    """

    host: str
    keys: Sequence[Ed25519PrivateKey]

    def origin(self, org_id: UUID) -> str:
        """Name the log of an organization; the name tells nobody whose it is."""
        digest = sha256(b"texting log of organization\n" + self.host.encode() + b"\n" + org_id.bytes).hexdigest()
        return f"{self.host}/org/{digest[:32]}"

    @property
    def anchor_origin(self) -> str:
        """Name the log over all organizations' checkpoints."""
        return f"{self.host}/{ANCHOR}"

    @property
    def clock(self) -> str:
        """Name the key that says when a checkpoint was signed."""
        return f"{self.host}/{CLOCK}"

    def signers(self, origin: str, *, time_s: int) -> list[NoteSigner]:
        """Give who signs the checkpoints of a log: every key, and the newest one once more together with the time."""
        return [*(KeySigner(origin, key) for key in self.keys), ClockSigner(self.clock, self.keys[-1], time_s)]

    def verifiers(self, origin: str) -> list[Verifier]:
        """Give the public keys of a log."""
        return [KeySigner(origin, key).verifier for key in self.keys]

    def clock_verifiers(self) -> list[Verifier]:
        """Give the public keys of the clock."""
        return [ClockSigner(self.clock, key, 0).verifier for key in self.keys]
