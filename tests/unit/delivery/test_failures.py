from core.delivery.failures import CODE_LENGTH_MAX, ours, reported
from core.rules.carrier_errors import CarrierCode
from core.rules.enums import FailureLayer


def test_a_known_code_is_translated_and_kept():
    failure = reported("twilio", "21610")
    assert (failure.code, failure.carrier_code) == (CarrierCode.RECIPIENT_OPTED_OUT, "21610")
    assert failure.stored()["canonical_code"] == "RECIPIENT_OPTED_OUT"


def test_a_code_that_nobody_knows_is_kept_raw():
    failure = reported("twilio", "99999")
    assert (failure.code, failure.carrier_code, failure.retryable) == (CarrierCode.UNKNOWN, "99999", False)


def test_a_code_that_no_store_can_hold_is_made_printable_and_cut():
    code = reported("wire", "a\0b\ud800" + "x" * 1_000).carrier_code
    assert code is not None
    assert code.startswith("a\ufffdb\ufffdx")
    assert len(code) == CODE_LENGTH_MAX


def test_a_failure_without_a_code_says_so():
    assert reported("wire", None).carrier_code is None


def test_our_own_failures_are_the_platforms():
    failure = ours(CarrierCode.VALIDITY_EXPIRED)
    assert (failure.layer, failure.carrier, failure.carrier_code) == (FailureLayer.PLATFORM, None, None)
