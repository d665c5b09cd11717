"""What a host is called and where it is: addresses, hostnames and name servers, checked and brought to one form."""

import ipaddress
import re

from auditor.inventory.problem import Spot, shown

LONGEST_HOSTNAME = 253
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_SERVER = re.compile(r"\[(?P<six>[^\[\]]*)\](?::(?P<six_port>[0-9]+))?|(?P<four>[^:]*):(?P<four_port>[0-9]+)")


def read_address(spot: Spot, text: str) -> str | None:
    """Return an IPv4 or IPv6 address in its short form, or None after noting why it names no host."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        spot.refuse(f"{shown(text)} is not an IP address.", "A name belongs into 'hostname'.")
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        spot.refuse(
            f"{shown(text)} holds a zone, which means something on one computer only.", "Leave out '%' and zone."
        )
        return None
    if address.is_unspecified or address.is_multicast or text == "255.255.255.255":
        spot.refuse(f"{shown(text)} is not the address of one host.")
        return None
    return str(address)


def read_hostname(spot: Spot, text: str) -> str | None:
    """Return a hostname as DNS carries it, or None after noting what is wrong.

    Labels as RFC 1123 has them, and underscores, which DNS permits and Windows uses (RFC 2181, section 11). Names in
    other scripts become A-labels; one that IDNA would turn into another name is refused. A final dot is dropped.
    """
    if len(text) > LONGEST_HOSTNAME + 1:
        spot.refuse(f"A hostname has at most {LONGEST_HOSTNAME} characters; this one has {len(text)}.")
        return None
    if _is_address(text):
        spot.refuse(f"{shown(text)} is an IP address, not a name.", "Write it under 'address'.")
        return None
    name = text.removesuffix(".")
    ascii_name = name if name.isascii() else _a_labels(name)
    if ascii_name is None:
        spot.refuse(f"{shown(text)} has no certain form in DNS.", "Write the form that begins with 'xn--'.")
        return None
    labels = ascii_name.split(".")
    if len(ascii_name) > LONGEST_HOSTNAME or not all(_LABEL.fullmatch(label) for label in labels):
        spot.refuse(
            f"{shown(text)} is not a hostname.",
            "Write letters, digits and hyphens, with dots between labels of 1 to 63 characters; no port, no URL.",
        )
        return None
    if labels[-1].isdigit():
        spot.refuse(f"{shown(text)} ends in a number, so programs take it for an address.", "Correct it.")
        return None
    return ascii_name


def read_name_server(spot: Spot, text: str, port: str = "53") -> str | None:
    """Return a name server as `address:port` (`[address]:port` for IPv6), with this port unless one is given."""
    match = None if _is_address(text) else _SERVER.fullmatch(text)
    written = text
    if match:
        written = match["six"] if match["six"] is not None else match["four"]
        port = match["six_port"] or match["four_port"] or port
    if len(port) > 5 or not 1 <= int(port) <= 65535:
        spot.refuse(f"The port of {shown(text)} is not a number from 1 to 65535.")
        return None
    address = read_address(spot, written)
    if address is None:
        return None
    return f"[{address}]:{int(port)}" if ":" in address else f"{address}:{int(port)}"


def read_time_server(spot: Spot, text: str) -> str | None:
    """Return an NTP server as `name:port` or as `read_name_server` writes an address; the port is 123 unless given."""
    match = _SERVER.fullmatch(text)
    if _is_address(text) or (match and (match["six"] is not None or _is_address(match["four"]))):
        return read_name_server(spot, text, "123")
    name, colon, port = text.partition(":")
    if colon and not (port.isascii() and port.isdecimal() and len(port) <= 5 and 1 <= int(port) <= 65535):
        spot.refuse(f"The port of {shown(text)} is not a number from 1 to 65535.")
        return None
    hostname = read_hostname(spot, name)
    return None if hostname is None else f"{hostname}:{int(port or '123')}"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _a_labels(name: str) -> str | None:
    """Return the name in A-labels, or None where coming back does not give the same name (RFC 5894, section 7.2)."""
    try:
        encoded = name.encode("idna").decode("ascii")
        same = encoded.encode("ascii").decode("idna") == name.lower()
    except UnicodeError:
        return None
    return encoded if same else None
