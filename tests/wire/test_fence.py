"""The fence: nothing leaves for a network that this machine's own configuration does not name."""

import pytest

from auditor.wire.fence import Fence
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.readlist import NotPermittedError, ReadList, Request
from tests.lines import LOOPBACK, QUICK, says, serving

LISTEN = Request("telnet", "LISTEN")


@pytest.mark.parametrize("address", ["10.1.0.1", "10.1.255.254", "::ffff:10.1.2.3", "2001:db8::7", "9.9.9.9"])
def test_addresses_within_the_networks_pass(address: str) -> None:
    """So do the resolvers, which are named one by one."""
    assert Fence.of(["10.1.0.0/16", "2001:db8::/64"], ["9.9.9.9"]).refusal(address) is None


@pytest.mark.parametrize(
    "address", ["10.2.0.1", "::ffff:10.2.0.1", "2001:db8:1::7", "9.9.9.8", "example.test", "", "::1"]
)
def test_everything_else_is_refused(address: str) -> None:
    """A name is no address: what it resolves to is looked at, not the name."""
    assert Fence.of(["10.1.0.0/16", "2001:db8::/64"], ["9.9.9.9"]).refusal(address)


def test_a_network_that_is_none_is_an_error() -> None:
    """A network with bits below its mask is a mistake, too: it says less than its writer may think."""
    for wrong in ("10.0.0.1/8", "everything", ""):
        with pytest.raises(ValueError, match=r"."):
            Fence.of([wrong])


async def test_the_gate_sends_nothing_beyond_it() -> None:
    """Neither to its host nor to an address beside it; the ledger shows the refusals, the peer no connection."""
    entries: list[Entry] = []
    async with serving(says()) as peer:
        gate = Gate(
            host="rm1", address=LOOPBACK, reads=ReadList(()), limits=QUICK,
            ledger=Ledger(entries.append), fence=Fence.of(["10.0.0.0/8"], ["127.0.0.53"]),
        )  # fmt: skip
        for address in (None, LOOPBACK):
            with pytest.raises(NotPermittedError, match="outside the networks"):
                async with gate.line(LISTEN, peer.port, address=address):
                    raise AssertionError("it was let through")
        assert peer.connections == 0
    assert [(entry.permitted, entry.sent_bytes) for entry in entries] == [(False, 0), (False, 0)]
    assert all("outside the networks" in entry.outcome for entry in entries)
