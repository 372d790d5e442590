"""Batched fields for a Strawberry schema: one call for all the parents of a level."""

from __future__ import annotations

from engine.batch import BatchLengthError
from engine.binding import BindingError, bind
from engine.executor import CompiledExecutor, execute
from engine.field import BatchedField, batched
from engine.info import Guard, Info
from engine.registry import Registry
from engine.subtree import Rendered, Subtree, Wanted
from engine.watch import Asked, Watch

__all__ = [
    "Asked",
    "BatchLengthError",
    "BatchedField",
    "BindingError",
    "CompiledExecutor",
    "Guard",
    "Info",
    "Registry",
    "Rendered",
    "Subtree",
    "Wanted",
    "Watch",
    "batched",
    "bind",
    "execute",
]
