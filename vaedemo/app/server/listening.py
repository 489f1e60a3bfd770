"""Where the page listens: names and addresses of either family, and one sentence where that cannot be."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress

from vaedemo.errors import VaedemoError

PORTS = range(65_536)  # 0: any that is free


class CannotListen(VaedemoError, OSError):
    """The page cannot listen there; the message is one sentence for the person who started it."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on `port` of `host`, one for each of its addresses. Raises CannotListen.

    `::` and `0.0.0.0` let other machines in; `::` over IPv4 as well, where the system allows it.
    """
    if port not in PORTS:
        raise CannotListen(f"--port {port}: a port is a whole number from 0 to {PORTS[-1]:,}; 0 is any free one.")
    sockets: list[socket.socket] = []
    failure: OSError | None = None
    for family, address in _addresses(host):
        taken = sockets[0].getsockname()[1] if sockets else port
        try:
            sockets.append(_bound(family, (address[0], taken, *address[2:])))
        except OSError as error:
            failure = failure or error
    if sockets:
        return sockets
    assert failure is not None
    raise CannotListen(_sentence(host, port, failure)) from failure


def url(listening: socket.socket) -> str:
    """The address to open in a browser on this machine."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host) or str(host)
    if listening.family == socket.AF_INET6:
        host = f"[{host.replace('%', '%25')}]"  # RFC 6874: an address of one link names its interface
    return f"http://{host}:{port}"


def _addresses(host: str) -> list[tuple[int, tuple]]:
    """The families and addresses that a name stands for, IPv4 first: more browsers and proxies speak it."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        if not bare:
            raise ValueError("nothing is named")
        found = socket.getaddrinfo(bare, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, ValueError) as error:  # ValueError: no name can look like this
        why = error.strerror if isinstance(error, OSError) else error
        raise CannotListen(
            f"--host {host}: no such host is known here ({why}). Usual are 127.0.0.1 (this machine alone), "
            "0.0.0.0 (other machines too) and, over IPv6, ::1 and ::."
        ) from None
    families = (socket.AF_INET, socket.AF_INET6)
    addresses = [(family, address) for wanted in families for family, _, _, _, address in found if family == wanted]
    return list(dict.fromkeys(addresses))


def _bound(family: int, address: tuple) -> socket.socket:
    # With the protocol named, asyncio sends small answers at once; else each may wait 40 ms (Nagle).
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere the option lets two processes have one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with suppress(OSError):
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address[0] != "::"))
        listening.bind(address)
        listening.listen(2_048)
    except BaseException:
        listening.close()
        raise
    return listening


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host {host}: this machine has no such address ({error.strerror}); 127.0.0.1 is always there."
    if error.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT):
        return f"--host {host}: this machine does not speak its protocol ({error.strerror}); name 127.0.0.1 instead."
    return f"--port {port}: it cannot be used on {host} ({error.strerror}); name another one."
