"""Creating, changing and deactivating users, and the app versions they report."""

from audit.actions import Action
from core.commands import user_status, users
from core.commands.users import NewNumber, NewUser, UserChange
from core.rules.enums import TextingMode
from resolvers.mutations.asked import Asked, or_absent, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.user_changes import CreateUserInput, DeactivateUserInput, ReportAppVersionInput, UpdateUserInput

registry = Mutations()


@registry.change("create_user", Action.USER_CREATE)
def create_user(asked: Asked, input: CreateUserInput) -> Change:
    """Create a user; a provider may hand in the user's numbers with it."""
    numbers = tuple(
        NewNumber(
            phone_number=each.phone_number,
            type=each.type,
            assigned_by=each.assigned_by,
            campaign_id=asked.optional_id("campaign_id", each.campaign_id),
        )
        for each in or_none(input.phone_numbers) or ()
    )
    wanted = NewUser(
        location_id=asked.id("location_id"),
        display_name=input.display_name,
        email=input.email,
        phone_numbers=numbers,
        app_version=or_none(input.app_version),
        texting=input.texting or TextingMode.INHERIT,
    )
    return Change(action=Action.USER_CREATE, command=lambda tx: users.create_user(tx, wanted))


@registry.change("update_user", Action.USER_UPDATE)
def update_user(asked: Asked, input: UpdateUserInput) -> Change:
    """Change a user."""
    wanted = UserChange(
        id=asked.id("user_id"),
        location_id=asked.given_id("location_id"),
        display_name=or_absent(input.display_name),
        email=or_absent(input.email),
        expected_version=or_none(input.expected_version),
        effective_from=or_none(input.effective_from),
    )
    return Change(action=Action.USER_UPDATE, command=lambda tx: users.update_user(tx, wanted))


@registry.change("report_app_version", Action.USER_APP_VERSION_REPORT)
def report_app_version(asked: Asked, input: ReportAppVersionInput) -> Change:
    """Record the version that a user's app reports (P4)."""
    user_id, seen_at = asked.id("user_id"), or_none(input.seen_at)
    return Change(
        action=Action.USER_APP_VERSION_REPORT,
        command=lambda tx: user_status.report_app_version(tx, user_id, app_version=input.app_version, seen_at=seen_at),
    )


@registry.change("deactivate_user", Action.USER_DEACTIVATE)
def deactivate_user(asked: Asked, input: DeactivateUserInput) -> Change:
    """Deactivate a user."""
    user_id, version = asked.id("user_id"), or_none(input.expected_version)
    return Change(
        action=Action.USER_DEACTIVATE,
        command=lambda tx: user_status.deactivate_user(tx, user_id, expected_version=version),
    )
