"""What an import's tests look at afterwards."""

from tests.integration.commands.conftest import stored

__all__ = ["stored"]
