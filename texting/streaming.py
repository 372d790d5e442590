"""A subscription as a stream of response objects, whatever carries them: events, perhaps an error that ends it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from graphql import ExecutionResult, OperationType

from core.storage.database import UNREACHABLE
from resolvers.context import NoLongerAllowed
from texting import answer
from texting.auth import NotAuthenticated
from texting.execution import Execute, Subscribe
from texting.operations import Prepared
from texting.request_failure import FailureCode, RequestFailure


class Streams:
    """Turns prepared operations into streams; a query or a mutation gives one response."""

    def __init__(self, execute: Execute, subscribe: Subscribe) -> None:
        """Take what executes."""
        self._execute = execute
        self._subscribe = subscribe

    async def responses(self, prepared: Prepared) -> AsyncGenerator[Mapping[str, Any]]:
        """Give the responses, and close the operation's context in the end.

        Raises:
            NotAuthenticated: the caller's token ended meanwhile.
        """
        context, tracking_id = prepared.context, prepared.context.tracking_id
        try:
            async with aclosing(self._results(prepared)) as results:
                async for result in results:
                    yield answer.body(result, tracking_id=tracking_id)[0]
        except NotAuthenticated:
            raise
        except NoLongerAllowed as error:
            failure = RequestFailure(403, FailureCode.FORBIDDEN, str(error))
            yield answer.failure_body(failure, tracking_id=tracking_id)
        except UNREACHABLE as error:
            yield answer.failure_body(answer.unavailable_failure(error, tracking_id), tracking_id=tracking_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told and the log gets the cause
            yield answer.failure_body(answer.broken_failure(error, tracking_id), tracking_id=tracking_id)
        finally:
            await context.close()

    async def _results(self, prepared: Prepared) -> AsyncGenerator[ExecutionResult]:
        parts = (prepared.document, prepared.asked, prepared.context)
        if prepared.kind is not OperationType.SUBSCRIPTION:
            yield await self._execute(*parts)
            return
        opened = await self._subscribe(*parts)
        if isinstance(opened, ExecutionResult):
            yield opened
            return
        async for result in opened:
            yield result
