"""The work beside requests, by name: what `serve` runs too, and `work` runs alone."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from enum import StrEnum

from core.delivery.carriers.sandbox import SandboxCarrier
from core.delivery.upkeep import Upkeep
from core.delivery.worker import Dispatcher
from texting.background import Work
from texting.exporting.work import exporting
from texting.program import Program
from texting.sealing import sealing


class Piece(StrEnum):
    """What a worker may be limited to."""

    DISPATCH = "dispatch"
    UPKEEP = "upkeep"
    SEAL = "seal"
    EXPORT = "export"


def pieces(program: Program) -> Mapping[Piece, Work]:
    """Make every piece of work; nothing runs yet."""
    # For whoever looks into the queue: which process has a text in hand.
    name = f"{socket.gethostname()}:{os.getpid()}"
    carrier = SandboxCarrier(program.worker.pool)
    return {
        Piece.DISPATCH: Dispatcher(program.worker, carrier, name=name).run,
        Piece.UPKEEP: Upkeep(program.worker.pool).run,
        Piece.EXPORT: exporting(program.login, program.secrets.logs, program.store, program.settings.data_dir),
        Piece.SEAL: sealing(program.login, program.secrets.logs, program.secrets.witnesses),
    }
