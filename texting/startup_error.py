"""What stops the program from starting, said in one sentence."""

from __future__ import annotations


class StartupError(Exception):
    """The program cannot start or go on; its text is the one sentence written to stderr before exit status 1."""
