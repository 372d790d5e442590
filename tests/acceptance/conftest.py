"""What acceptance tests share: a way to ask."""

import pytest

from core.commands.transaction import Store
from tests.acceptance.asking import Asker


@pytest.fixture
def ask(store: Store) -> Asker:
    """Ask operations as anybody, inside the organization that the endpoint would enter."""
    return Asker(store=store)
