"""What the decisions of one batch stand on: whom each is about and where its facts are stored.

Nothing is read before a field asks, and nothing twice: a page of decisions whose outcomes are all that is wanted costs
no statement more, and one that shows how old every fact is costs one.
"""

from asyncio import Lock
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from uuid import UUID

from core.storage import facts
from core.storage.facts import Facts
from core.storage.origins import Subjects
from core.storage.stamps import Stamps, load_stamps
from resolvers.context import RequestContext

Key = UUID | None
"""What tells the decisions of a batch apart."""
Found = Mapping[Key, Subjects]


class Grounds:
    """Whom the decisions of a batch are about, by key, and the versions of their facts."""

    supposed: frozenset[str] = frozenset()
    """The rules that read anything supposed: that was recorded at no time."""

    def __init__(
        self, context: RequestContext, find: Callable[[], Awaitable[Found]], *, stamps: Stamps | None = None
    ) -> None:
        """Take what finds the subjects. `stamps`: the versions of their facts where they are known already."""
        self._context = context
        self._find = find
        self._found: Found | None = None
        self._stamps = stamps
        self._lock = Lock()

    async def subjects(self) -> Found:
        """Give whom the decisions are about."""
        if self._found is None:
            async with self._lock:
                if self._found is None:
                    self._found = await self._find()
        return self._found

    async def stamps(self) -> Stamps:
        """Give the versions that the facts come from."""
        if self._stamps is None:
            found = await self.subjects()
            async with self._lock:
                if self._stamps is None:
                    self._stamps = await self._load(found.values())
        return self._stamps

    async def _load(self, found: Iterable[Subjects]) -> Stamps:
        context = self._context
        return await load_stamps(context.db.fetch, context.org_id, (id for each in found for id in each.entities))


class SupposedGrounds(Grounds):
    """The same grounds for decisions on facts that were supposed, read at most once for all of them."""

    def __init__(self, base: Grounds, supposed: frozenset[str]) -> None:
        """Take what was read, and the rules that read anything else."""
        self._base = base
        self.supposed = supposed

    async def subjects(self) -> Found:
        return await self._base.subjects()

    async def stamps(self) -> Stamps:
        return await self._base.stamps()


def of_versions(context: RequestContext, known: Found, stamps: Stamps) -> Grounds:
    """Stand on facts of another time, with the versions that they came from."""

    async def find() -> Found:
        return known

    return Grounds(context, find, stamps=stamps)


def of_facts(context: RequestContext, known: Facts) -> Grounds:
    """Stand on facts that were read already."""

    async def find() -> Found:
        return {id: Subjects.of_user(known.org, user) for id, user in known.users.items()}

    return Grounds(context, find)


def of_users(context: RequestContext, user_ids: Sequence[UUID]) -> Grounds:
    """Stand on the facts of users, which were decided on in another place."""

    async def find() -> Found:
        known = await facts.load(context.db.fetch, context.org_id, user_ids)
        return {} if known is None else {id: Subjects.of_user(known.org, user) for id, user in known.users.items()}

    return Grounds(context, find)


def of_location(context: RequestContext, location_id: UUID | None) -> Grounds:
    """Stand on the facts of the organization, and of one location where one was asked; the key is `None`."""

    async def find() -> Found:
        org = await facts.load_org(context.db.fetch, context.org_id)
        if org is None:
            return {}
        wanted = [] if location_id is None else [location_id]
        locations = await facts.load_locations(context.db.fetch, context.org_id, wanted) if wanted else {}
        return {None: Subjects.of_location(org, next(iter(locations.values()), None))}

    return Grounds(context, find)


def of_the_past(context: RequestContext, known: Found) -> Grounds:
    """Stand on what was kept with a decision; the versions of the facts it read were not."""
    return of_versions(context, known, {})
