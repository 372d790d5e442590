"""The running program. Importing it first puts the rooms (`resolvers`, `schema`, `core`, …) on the path.

In a wheel they are nested in `texting/_rooms`, so that no top-level name of ours can meet another distribution's
(PyPI has a popular package called `schema`); in a checkout they stand at its root.
"""

import sys
from pathlib import Path

_here = Path(__file__).parent
_rooms = _here / "_rooms"
ROOMS = _rooms if _rooms.is_dir() else _here.parent
"""The folder that holds the rooms."""

if str(ROOMS) in sys.path:
    sys.path.remove(str(ROOMS))
sys.path.insert(0, str(ROOMS))
