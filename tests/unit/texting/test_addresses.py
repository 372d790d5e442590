"""Which addresses count as one."""

import pytest

from texting.addresses import counted
from texting.admission import Admission
from texting.request_failure import RequestFailure

ONE, SAME, OTHER = "2001:db8:0:1::7", "2001:DB8:0:1:ffff:FFFF:0:9", "2001:db8:0:2::7"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        (ONE, "2001:db8:0:1::/64"),
        (SAME, "2001:db8:0:1::/64"),
        (OTHER, "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        (None, None),
        ("", ""),
        ("testclient", "testclient"),
        ("192.0.2.7:80", "192.0.2.7:80"),
        ("::1\0", "::1\0"),
    ],
)
def test_an_address_counts_by_its_network_or_as_itself(address, told):
    assert counted(address) == told


def test_a_network_has_one_rate_and_one_share_of_sockets_and_its_neighbour_others():
    limited = Admission(of_address=1, sockets=1, clock=lambda: 0.0)
    limited.arrive(ONE)
    limited.arrive(SAME)
    with pytest.raises(RequestFailure, match="TEXTING_ADDRESS_OPERATIONS_A_SECOND"):
        limited.arrive("2001:db8:0:1::8")
    limited.arrive(OTHER)
    limited.arrive("192.0.2.7")
    limited.arrive("::ffff:192.0.2.7")
    with pytest.raises(RequestFailure, match="TEXTING_ADDRESS_OPERATIONS_A_SECOND"):
        limited.arrive("192.0.2.7")
    with limited.socket(ONE):
        with limited.socket(OTHER), pytest.raises(RequestFailure, match="TEXTING_SOCKETS_AT_ONCE"):
            limited.socket(SAME).__enter__()
        with limited.socket("192.0.2.7"), pytest.raises(RequestFailure, match="TEXTING_SOCKETS_AT_ONCE"):
            limited.socket("::ffff:192.0.2.7").__enter__()
    assert not limited._running
