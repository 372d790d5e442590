"""The point in time that a decision is asked about."""

from datetime import datetime
from typing import Annotated

import strawberry

AsOf = Annotated[
    datetime | None,
    strawberry.argument(
        description="What held at this time, late and corrected facts included, under the rules in force then; absent: "
        "`knownAt`, or now. Of what was not there yet every rule is UNKNOWN."
    ),
]
KnownAt = Annotated[
    datetime | None,
    strawberry.argument(
        description="By what the sealed log held at this time: its largest signed tree, such as that of a checkpoint's "
        "`sealedAt`. Absent: by everything that is recorded by now."
    ),
]
