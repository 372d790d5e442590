"""What carriers' error codes mean."""

import pytest

from core.principal import Role
from core.rules.carrier_errors import TABLE, CarrierCode, canonical
from core.rules.enums import FailureLayer, RemediationKind


@pytest.mark.parametrize(
    ("vendor", "code", "meaning"),
    [
        ("twilio", "21610", "RECIPIENT_OPTED_OUT"),
        ("Twilio", " 21610 ", "RECIPIENT_OPTED_OUT"),
        ("telnyx", "40300", "RECIPIENT_OPTED_OUT"),
        ("twilio", "30007", "CONTENT_FILTERED"),
        ("twilio", "30034", "SENDER_NOT_REGISTERED"),
        ("telnyx", "40010", "SENDER_NOT_REGISTERED"),
        ("twilio", "30023", "DAILY_CAP_REACHED"),
        ("telnyx", "40011", "THROTTLED"),
        ("smpp", "88", "THROTTLED"),
        ("smpp", "11", "NUMBER_INVALID"),
        ("twilio", "30006", "LANDLINE"),
        ("twilio", "40300", "UNKNOWN"),
        ("nobody", "21610", "UNKNOWN"),
        ("twilio", "", "UNKNOWN"),
        ("twilio", None, "UNKNOWN"),
        ("sandbox", "LANDLINE", "LANDLINE"),
    ],
)
def test_a_vendors_code_means_one_of_ours(vendor, code, meaning):
    assert canonical(vendor, code).code == meaning


def test_every_code_has_its_line():
    assert set(TABLE) == set(CarrierCode)
    assert all(line.code is code for code, line in TABLE.items())


def test_a_layer_of_ours_is_never_the_carriers():
    assert FailureLayer.POLICY not in {line.layer for line in TABLE.values()}


def test_what_may_be_tried_again_is_what_passes_by_itself():
    assert {code for code, line in TABLE.items() if line.retryable} == {
        "NUMBER_UNREACHABLE",
        "THROTTLED",
        "DAILY_CAP_REACHED",
        "CARRIER_UNAVAILABLE",
        "PLATFORM_ERROR",
    }


def test_whoever_fixes_it_has_a_role_or_it_is_waited_for():
    for line in TABLE.values():
        assert line.owner is None or line.owner in Role.__members__
        if line.owner is None:
            assert line.retryable or line.fixed_by is RemediationKind.NOT_FIXABLE
        else:
            assert line.fixed_by is not RemediationKind.NOT_FIXABLE
