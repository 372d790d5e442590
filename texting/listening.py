"""The address to serve at, taken before anything else is started: a port in use is told at once."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from texting.startup_error import StartupError


@dataclass(frozen=True, slots=True)
class Named:
    """Where an operator says the host and the port."""

    host: str
    port: str


OPTIONS = Named(host="--host", port="--port")


def bind(host: str, port: int, named: Named = OPTIONS) -> list[socket.socket]:
    """Take the port at every address that the host's name has; the server then listens there.

    `named`: what to change where it cannot be had.

    Raises:
        StartupError: the name has no address, or one of them cannot be taken.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise StartupError(f"`{host}` has no address to listen at: choose another with {named.host}") from None
    taken: list[socket.socket] = []
    with contextlib.ExitStack() as closing:
        for family, address in dict.fromkeys((each[0], each[4]) for each in found):
            # With port 0 the first address chooses, and the others follow.
            at = (address[0], port_of(taken) if taken else port, *address[2:])
            try:
                taken.append(closing.enter_context(_bound(family, at)))
            except OSError as error:
                raise StartupError(refusal(error, host, port, named)) from error
        closing.pop_all()
    return taken


def refusal(error: OSError, host: str, port: int, named: Named = OPTIONS) -> str:
    """Say why the address cannot be had."""
    match error.errno:
        case errno.EADDRINUSE:
            free = f"stop the program that uses it, or choose another with {named.port}"
            return f"port `{port}` of `{host}` is in use: {free}"
        case errno.EACCES:
            return f"port `{port}` needs rights that this user does not have: choose one above 1023 with {named.port}"
        case errno.EADDRNOTAVAIL:
            return f"`{host}` is no address of this machine: choose another with {named.host}"
        case _:
            return f"port `{port}` of `{host}` cannot be had (`{error.strerror}`): choose another with {named.port}"


def port_of(sockets: Sequence[socket.socket]) -> int:
    """Give the port that was taken."""
    return int(sockets[0].getsockname()[1])


def url(host: str, port: int) -> str:
    """Give the address that a client on this machine uses."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if address.is_unspecified:
        address = ipaddress.ip_address("::1" if address.version == 6 else "127.0.0.1")  # noqa: PLR2004 - IPv6
    return f"http://[{address}]:{port}" if address.version == 6 else f"http://{address}:{port}"  # noqa: PLR2004


def _bound(family: int, at: tuple[object, ...]) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A server that has just stopped leaves connections that would keep the port for a minute.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(at)
    except BaseException:
        made.close()
        raise
    return made
