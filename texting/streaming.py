"""A subscription as a stream of response objects, whatever carries them: events, perhaps an error that ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from graphql import ExecutionResult, OperationType

from core.storage.database import UNREACHABLE
from resolvers.context import NoLongerAllowed
from texting import answer
from texting.admission import Admission
from texting.auth import NotAuthenticated
from texting.execution import Execute, Subscribe
from texting.operations import Prepared
from texting.request_failure import FailureCode, RequestFailure
from texting.timely import executed


class Streams:
    """Turns prepared operations into streams; a query or a mutation gives one response."""

    def __init__(
        self,
        execute: Execute,
        subscribe: Subscribe,
        *,
        admission: Admission | None = None,
        seconds: float = 30.0,
        ending: asyncio.Event | None = None,
    ) -> None:
        """Take what executes, who counts what runs, and how long a query may take.

        `ending` is set when the server stops: what lasts must not keep it waiting.
        """
        self._execute = execute
        self._subscribe = subscribe
        self._admission = admission or Admission()
        self._seconds = seconds
        self.ending = ending or asyncio.Event()

    async def responses(self, prepared: Prepared) -> AsyncGenerator[Mapping[str, Any]]:
        """Give the responses, and close the operation's context in the end.

        It counts among what its caller runs for as long as it is read, no longer and not before: who goes away before
        the first response has begun nothing.

        Raises:
            NotAuthenticated: the caller's token ended meanwhile.
        """
        context, tracking_id = prepared.context, prepared.context.tracking_id
        try:
            with self._admission.running(context.principal, follows=prepared.kind is OperationType.SUBSCRIPTION):
                async with aclosing(self._results(prepared)) as results:
                    async for result in results:
                        yield answer.body(result, tracking_id=tracking_id)[0]
        except NotAuthenticated:
            raise
        except NoLongerAllowed as error:
            failure = RequestFailure(403, FailureCode.FORBIDDEN, str(error))
            yield answer.failure_body(failure, tracking_id=tracking_id)
        except RequestFailure as failure:
            yield answer.failure_body(failure, tracking_id=tracking_id)
        except UNREACHABLE as error:
            yield answer.failure_body(answer.unavailable_failure(error, tracking_id), tracking_id=tracking_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told and the log gets the cause
            yield answer.failure_body(answer.broken_failure(error, tracking_id), tracking_id=tracking_id)
        finally:
            await context.close()

    async def _results(self, prepared: Prepared) -> AsyncGenerator[ExecutionResult]:
        if prepared.kind is not OperationType.SUBSCRIPTION:
            yield await executed(self._execute, prepared, self._seconds, self._admission)
            return
        opened = await self._subscribe(prepared.document, prepared.asked, prepared.context)
        if isinstance(opened, ExecutionResult):
            yield opened
            return
        async for result in opened:
            yield result
