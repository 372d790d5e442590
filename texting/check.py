"""One thing that `texting doctor` looked at."""

from __future__ import annotations

from dataclasses import dataclass

OK, NOTE, BAD = "ok", "note", "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found. `verdict`: `OK`, `NOTE` for what is only not there yet, `BAD` for what must be mended."""

    name: str
    verdict: str
    told: str
