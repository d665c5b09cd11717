"""The fence: the networks beyond which this machine sends nothing, whoever asks it to."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Fence:
    """Addresses that may be asked: those within `networks`, and those among `others` (resolvers, each by address)."""

    networks: tuple[Network, ...]
    others: frozenset[str] = frozenset()

    @classmethod
    def of(cls, networks: Iterable[str], others: Iterable[str] = ()) -> "Fence":
        """Make a fence from networks as people write them; raise ValueError for one that is none."""
        return cls(tuple(ipaddress.ip_network(each) for each in networks), frozenset(others))

    def refusal(self, address: str) -> str | None:
        """Return why nothing may be sent there, or None where it may."""
        if address in self.others:
            return None
        try:
            asked = ipaddress.ip_address(address)
        except ValueError:
            return f"{address or 'an unknown address'} is no address"
        if isinstance(asked, ipaddress.IPv6Address) and asked.ipv4_mapped is not None:
            asked = asked.ipv4_mapped
        if any(asked in network for network in self.networks):
            return None
        return f"{address} is outside the networks that this machine may ask"
