"""Which addresses limits count as one: a host chooses the last 64 bits of an IPv6 address itself (RFC 4291 §2.5.1)."""

from __future__ import annotations

from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

_NETWORK_BYTES = 8
_MAPPED = bytes(10) + b"\xff\xff"
"""What an IPv4 address begins with that is written as an IPv6 one (RFC 4291 §2.5.5.2)."""


def counted(address: str | None) -> str | None:
    """Give what stands for an address where callers are counted: an IPv6 network, or the address itself.

    An IPv4 address is counted as such in either form; what is no address, such as a name, as it is. Records and logs
    name whole addresses.
    """
    if address is None or ":" not in address:
        return address
    try:
        packed = inet_pton(AF_INET6, address.partition("%")[0])
    except (OSError, ValueError):
        return address
    if packed.startswith(_MAPPED):
        return inet_ntop(AF_INET, packed.removeprefix(_MAPPED))
    return inet_ntop(AF_INET6, packed[:_NETWORK_BYTES].ljust(len(packed), b"\0")) + "/64"
