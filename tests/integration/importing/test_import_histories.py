"""Whatever files are imported one after the other: what is stored agrees with itself and with the last file."""

import random
from pathlib import Path

import pytest

from core.commands.transaction import Store
from core.rules.enums import NumberSource
from tests.integration.commands.desk import Look
from tests.integration.commands.people import check_people
from tests.integration.importing.files import Office, counts
from tests.integration.worlds import new_location, new_number, new_world

FILES = 8


@pytest.mark.parametrize("seed", range(5))
async def test_any_files_leave_what_they_say(store: Store, stored: Look, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    world = await new_world(store, people=2)
    look = stored(world.org_id)
    office = Office(store, world.org_id, tmp_path, look, "North")
    for name in ("North", "South"):
        await new_location(store, world.org_id, name=name)
    [campaign] = await look.rows("campaigns")
    emails = [f"person{at}@example.com" for at in range(10)]
    numbers = [new_number() for _ in range(12)] + [person.number for person in world.people]
    for _ in range(FILES):
        listed = draw.sample(emails, draw.randrange(1, len(emails)))
        held = draw.sample([*numbers, *("" for _ in range(6))], len(listed))
        rows = [
            office.row(
                email,
                phone,
                status=draw.choice(("Active",) * 9 + ("Inactive",)),
                location=draw.choice(("North", "South") * 5 + ("Mars",)),
                app=draw.choice(("", "43.1", "44.2")),
                number=draw.choice(("", *NumberSource)) if phone else "",
                campaign=draw.choice(("", campaign["use_case"])) if phone else "",
            )
            for email, phone in zip(listed, held, strict=True)
        ]
        missing = draw.random() < 0.2
        first = await office.users(*rows, skip_invalid=True, deactivate_missing=missing)
        await check_people(look)
        refused = {fault.line for fault in first.faults}
        people = await office.people()
        for line, row in enumerate(rows, 2):
            email, phone = row["User ID/Email (Required)"], row["Phone Number"]
            if line in refused or row["User Status"] == "Inactive":
                continue
            assert people[email]["status"] == "ACTIVE"
            assert not phone or people[email]["number"] == phone
        again = await office.users(*rows, skip_invalid=True, deactivate_missing=missing)
        assert again.faults == first.faults
        assert counts(again).keys() <= {"unchanged"}
