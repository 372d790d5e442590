"""The name of this deployment's logs, and the keys that sign them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.notes import KeySigner, NoteSigner, Verifier

ANCHOR = "anchor"


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

    def signers(self, origin: str) -> list[NoteSigner]:
        """Give who signs the checkpoints of a log."""
        return [KeySigner(origin, key) for key in self.keys]

    def verifiers(self, origin: str) -> list[Verifier]:
        """Give the public keys of a log."""
        return [signer.verifier for signer in self.signers(origin)]
