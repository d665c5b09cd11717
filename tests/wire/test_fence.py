"""The fence: nothing leaves for a network that this machine's own configuration does not name."""

from pathlib import Path

import pytest

from auditor.model.evidence import Cause, Unknown
from auditor.wire.dns import resolve
from auditor.wire.failures import BeyondError, Failure, WireError, attempt
from auditor.wire.fence import Fence
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.readlist import NotPermittedError, ReadList, Request
from tests.lines import LOOPBACK, QUICK, says, serving
from tests.peers import dnsmasq, free_port

LISTEN = Request("telnet", "LISTEN")


@pytest.mark.parametrize("address", ["10.1.0.1", "10.1.255.254", "::ffff:10.1.2.3", "2001:db8::7"])
def test_addresses_within_the_networks_pass(address: str) -> None:
    """On any port, in any protocol."""
    assert Fence.of(["10.1.0.0/16", "2001:db8::/64"], [("9.9.9.9", 53)]).refusal(address, 22, "ssh") is None


def test_a_resolver_is_there_for_names_only() -> None:
    """Each is named with its port; nothing else of that machine is reached, and it is no host to look at."""
    fence = Fence.of(["10.1.0.0/16"], [("9.9.9.9", 53), ("9.9.9.8", 5353)])
    assert fence.refusal("9.9.9.9", 53, "dns") is None
    assert fence.refusal("9.9.9.8", 5353, "dns") is None
    for address, port, protocol in (
        ("9.9.9.9", 22, "ssh"), ("9.9.9.9", 5353, "dns"), ("9.9.9.8", 53, "dns"), ("9.9.9.9", 53, "http"),
    ):  # fmt: skip
        assert fence.refusal(address, port, protocol), (address, port, protocol)
    assert fence.refusal("9.9.9.9")


@pytest.mark.parametrize(
    "address", ["10.2.0.1", "::ffff:10.2.0.1", "2001:db8:1::7", "9.9.9.8", "example.test", "", "::1"]
)
def test_everything_else_is_refused(address: str) -> None:
    """A name is no address: what it resolves to is looked at, not the name."""
    assert Fence.of(["10.1.0.0/16", "2001:db8::/64"], [("9.9.9.9", 53)]).refusal(address, 53, "dns")


def test_a_network_that_is_none_is_an_error() -> None:
    """A network with bits below its mask is a mistake, too: it says less than its writer may think."""
    for wrong in ("10.0.0.1/8", "everything", ""):
        with pytest.raises(ValueError, match=r"."):
            Fence.of([wrong])


async def test_the_gate_sends_nothing_beyond_it() -> None:
    """Neither to its host nor to an address beside it; the peer sees no connection, and the ledger no request.

    That is no fault: what was asked is not known, and the ledger can say where nobody was asked, and for which host.
    """
    entries: list[Entry] = []
    async with serving(says()) as peer:
        ledger = Ledger(entries.append)
        gate = Gate(
            host="rm1", address=LOOPBACK, reads=ReadList(()), limits=QUICK,
            ledger=ledger, fence=Fence.of(["10.0.0.0/8"], [(LOOPBACK, 53)]),
        )  # fmt: skip
        for address in (None, LOOPBACK):
            with pytest.raises(BeyondError, match="outside the networks"):
                async with gate.line(LISTEN, peer.port, address=address):
                    raise AssertionError("it was let through")

        async def ask() -> None:
            async with gate.line(LISTEN, peer.port):
                pass

        assert await attempt(ask()) == Failure(
            Unknown(
                Cause.NOT_ASKED,
                f"{LOOPBACK} is outside the networks that this machine may ask, so nothing was sent there",
            ),
            connected=False,
        )
        assert peer.connections == 0
    assert entries == []
    assert (ledger.made, ledger.refused, ledger.beyond) == (0, 0, {"rm1": {LOOPBACK}})


async def test_what_is_no_permitted_read_is_a_fault_on_either_side_of_it() -> None:
    """The list of reads comes first, and its refusals are recorded."""
    ledger = Ledger(lambda _entry: None)
    gate = Gate(
        host="rm1", address=LOOPBACK, reads=ReadList(()), limits=QUICK, ledger=ledger, fence=Fence.of(["10.0.0.0/8"])
    )
    with pytest.raises(NotPermittedError):
        async with gate.line(Request("http", "POST", "/"), 80):
            raise AssertionError("it was let through")
    assert (ledger.refused, ledger.beyond) == (1, {})


async def test_a_resolver_beyond_it_leaves_the_others_to_ask(tmp_path: Path) -> None:
    """Where none of them may be asked, that is what is said; where one was and failed, that counts."""
    ledger = Ledger(lambda _entry: None)
    fence = Fence.of(["127.0.0.1/32"])
    gate = Gate(host="rm1", address=LOOPBACK, reads=ReadList(()), limits=QUICK, ledger=ledger, fence=fence)
    with dnsmasq(tmp_path, "--host-record=rm1.example.test,10.1.0.7") as near:
        servers = ("127.0.0.99:53", f"{near.address}:{near.port}")
        assert await resolve(gate, "rm1.example.test", servers) == ("10.1.0.7",)
    with pytest.raises(BeyondError, match=r"127\.0\.0\.99.*nothing was sent there"):
        await resolve(gate, "rm1.example.test", ("127.0.0.99:53",))
    with pytest.raises(WireError) as caught:
        await resolve(gate, "rm1.example.test", (f"127.0.0.1:{free_port()}", "127.0.0.99:53"))
    assert not isinstance(caught.value, BeyondError)
    assert ledger.beyond == {"rm1": {"127.0.0.99"}}
