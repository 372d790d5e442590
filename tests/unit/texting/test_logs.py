"""What libraries say that is none of our events."""

from __future__ import annotations

import subprocess
import sys

ASKS = """
import httpx
from texting import logs
logs.configure({level!r})
with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
    assert client.post("https://witness.example/add-checkpoint").status_code == 200
"""


def test_what_is_asked_of_a_witness_every_second_is_not_logged() -> None:
    for level in ("debug", "info"):
        done = subprocess.run(
            [sys.executable, "-c", ASKS.format(level=level)], capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
