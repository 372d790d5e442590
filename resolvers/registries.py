"""Every function that answers a field: what `engine.bind` joins with the schema when the program starts."""

from collections.abc import Sequence

from engine import Registry
from resolvers import (
    audit,
    audit_proofs,
    brand,
    campaign,
    consent,
    conversation,
    eligibility,
    eligibility_diff,
    eligibility_report,
    exports,
    location,
    message,
    message_failures,
    minimal_fixes,
    nodes,
    number,
    org,
    orgs,
    rule_catalogue,
    rule_results,
    sending,
    settings,
    streams,
    user,
    viewer,
)
from resolvers.mutations import consents as consent_changes
from resolvers.mutations import erasures, payloads, refusals, registrations, toggles
from resolvers.mutations import exports as export_changes
from resolvers.mutations import locations as location_changes
from resolvers.mutations import messages as message_changes
from resolvers.mutations import numbers as number_changes
from resolvers.mutations import orgs as org_changes
from resolvers.mutations import users as user_changes

REGISTRIES: Sequence[Registry] = (
    # The directory.
    nodes.registry,
    viewer.registry,
    org.registry,
    orgs.registry,
    location.registry,
    user.registry,
    number.registry,
    brand.registry,
    campaign.registry,
    settings.registry,
    # Decisions.
    eligibility.registry,
    eligibility_diff.registry,
    eligibility_report.registry,
    minimal_fixes.registry,
    rule_results.registry,
    rule_catalogue.registry,
    sending.registry,
    # Correspondence.
    conversation.registry,
    message.registry,
    message_failures.registry,
    consent.registry,
    # The audit log.
    audit.registry,
    audit_proofs.registry,
    exports.registry,
    # What is told as it happens.
    streams.registry,
    # What changes things, and what it answers.
    org_changes.registry,
    location_changes.registry,
    user_changes.registry,
    number_changes.registry,
    registrations.registry,
    toggles.registry,
    message_changes.registry,
    consent_changes.registry,
    erasures.registry,
    export_changes.registry,
    payloads.registry,
    refusals.registry,
)
