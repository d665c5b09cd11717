"""The fence: the networks beyond which this machine sends nothing, whoever asks it to."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Fence:
    """Addresses that may be asked: those within `networks`, and names (DNS) of the `resolvers`, by address and port."""

    networks: tuple[Network, ...]
    resolvers: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, networks: Iterable[str], resolvers: Iterable[tuple[str, int]] = ()) -> "Fence":
        """Make a fence from networks as people write them; raise ValueError for one that is none."""
        return cls(tuple(ipaddress.ip_network(each) for each in networks), frozenset(resolvers))

    def refusal(self, address: str, port: int = 0, protocol: str = "") -> str | None:
        """Return why nothing may be sent there, or None where it may.

        A resolver beyond the networks is there for names only: neither another port of it nor another protocol passes.
        """
        if protocol == "dns" and (address, port) in self.resolvers:
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
