"""Fetching revocation lists: only where asked for, only from listed hosts, only whole; and what is made of them."""

import asyncio
import time
from pathlib import Path

import pytest

from auditor.engine.fetch_lists import MOST_LISTS, addresses_in, fetch_lists, permitted_fetches
from auditor.engine.interpret import Trust, interpret
from auditor.engine.paces import Paces
from auditor.engine.revocation import operator_lists
from auditor.model.certificate import JudgedChain, Revocation
from auditor.model.collected import AuditEnd, AuditHead, FetchedList
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.facts import TlsFace
from auditor.model.inventory import Inventory, Settings
from auditor.model.policy import Policy
from auditor.model.politeness import Politeness
from auditor.profiles import load_profiles
from auditor.reports.evidence_file import end_line, head_line, read_evidence
from auditor.trust import Anchors
from auditor.wire.ledger import Entry, Ledger
from tests.engine.test_interpret import HOST, host
from tests.lines import serving
from tests.trust import certificates as shop
from tests.trust.certificates import NOW

ROOT = shop.make_root()
CRL = shop.make_list(ROOT)


def points(*addresses: str) -> bytes:
    """Return a distribution points extension."""
    names = [
        shop.sequence(shop.tlv(0xA0, shop.tlv(0xA0, shop.general_name(f"uri:{address}")))) for address in addresses
    ]
    return shop.extension("2.5.29.31", shop.sequence(*names))


def answer(body: bytes, status: str = "200 OK", length: int | None = None) -> bytes:
    """Return an HTTP answer."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n\r\n".encode() + body


async def fetched(
    *addresses: str, hosts: tuple[str, ...], fetch: bool = True
) -> tuple[tuple[FetchedList, ...], list[Entry]]:
    """Fetch, and return what came with the transcript."""
    entries: list[Entry] = []
    settings = Settings(fetch_crls=fetch, crl_hosts=hosts, question_seconds=2.0)
    return await fetch_lists(addresses, settings, Ledger(entries.append), now=lambda: NOW), entries


def serve(data: bytes) -> object:
    """Return a conversation that answers any request with these octets and hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(data)
        await writer.drain()
        writer.close()

    return talk


async def test_a_list_is_fetched_once_and_whole() -> None:
    """One GET of the path with its query, a line of the transcript, the octets as they came."""
    async with serving(serve(answer(CRL))) as server:  # type: ignore[arg-type]  # a coroutine function, as it wants
        place = f"127.0.0.1:{server.port}"
        url = f"http://{place}/lists/ca.crl?x=1"
        found, entries = await fetched(url, url, hosts=(place,))
    assert found == (FetchedList(url=url, at=NOW, content=CRL),)
    assert server.connections == 1
    assert server.received.startswith(b"GET /lists/ca.crl?x=1 HTTP/1.1\r\n")
    assert f"Host: {place}\r\n".encode() in server.received
    assert [(e.operation, e.argument, e.permitted, e.outcome) for e in entries] == [
        ("GET", "/lists/ca.crl?x=1", True, "answered")
    ]


async def test_lists_are_fetched_at_the_audits_rate() -> None:
    """One place with many lists sees no more requests in a second than the whole audit may make."""
    async with serving(serve(answer(CRL))) as server:  # type: ignore[arg-type]  # a coroutine function, as it wants
        place = f"127.0.0.1:{server.port}"
        settings = Settings(fetch_crls=True, crl_hosts=(place,), question_seconds=10.0)
        begun = time.monotonic()
        found = await fetch_lists(
            [f"http://{place}/{number}.crl" for number in range(4)], settings, Ledger(lambda _: None),
            now=lambda: NOW, pace=Paces(Politeness(requests_per_second=5)).ours(),
        )  # fmt: skip
    assert [each.content for each in found] == [CRL] * 4
    assert time.monotonic() - begun >= 0.6


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (answer(b"", "404 Not Found"), "status 404"),
        (answer(b"", "302 Found\r\nLocation: http://127.0.0.1/"), "status 302"),
        (answer(CRL[:50], length=len(CRL)), "cut off"),
        (b"SSH-2.0-x\r\n\r\n", "not HTTP"),
        (b"", "closed the connection"),
    ],
    ids=["gone", "elsewhere", "cut off", "no HTTP", "nothing"],
)
async def test_what_is_no_whole_list_is_told(data: bytes, words: str) -> None:
    """Redirects are not followed, and half a list is none."""
    async with serving(serve(data)) as server:  # type: ignore[arg-type]  # as above
        place = f"127.0.0.1:{server.port}"
        found, _ = await fetched(f"http://{place}/ca.crl", hosts=(place,))
    assert found[0].content is None
    assert words in found[0].because


@pytest.mark.parametrize(
    "address",
    [
        "http://elsewhere.example.test/ca.crl",
        "http://127.0.0.1:{port}@elsewhere.example.test/",
        "https://127.0.0.1:{port}/ca.crl",
        "ldap://127.0.0.1:{port}/cn=ca",
        "http://user:word@127.0.0.1:{port}/ca.crl",
        "http://127.0.0.1:99999/ca.crl",
        "http://127.0.0.1:{port}/ca.crl#part",
        "http://127.0.0.1:{port}/formputxml?xmldoc=reboot",
        "http://127.0.0.1:{port}/a\r\nX: y",
        "http://127.0.0.1:{port}//else.test/x",
        "http://127.0.0.1:{port}/ü",
        "http://[::1",
        "",
    ],
)
async def test_a_strangers_address_never_becomes_a_request(address: str) -> None:
    """Nothing reaches the listed host, nothing is looked up, and the reason is told."""
    async with serving(serve(answer(CRL))) as server:  # type: ignore[arg-type]  # as above
        written = address.replace("{port}", str(server.port))
        found, entries = await fetched(written, hosts=(f"127.0.0.1:{server.port}",))
    assert [(one.content, bool(one.because)) for one in found] == [(None, True)]
    assert (server.connections, entries) == (0, [])


async def test_nothing_is_fetched_unless_asked_for() -> None:
    """The switch decides, whatever hosts are listed."""
    async with serving(serve(answer(CRL))) as server:  # type: ignore[arg-type]  # as above
        place = f"127.0.0.1:{server.port}"
        assert await fetched(f"http://{place}/ca.crl", hosts=(place,), fetch=False) == ((), [])
    assert server.connections == 0


async def test_the_number_of_addresses_is_bounded() -> None:
    """A certificate may name thousands."""
    found, _ = await fetched(*(f"http://x{i}.test/" for i in range(500)), hosts=("other.test",))
    assert len(found) == MOST_LISTS + 1
    assert "no more than" in found[-1].because


def test_addresses_come_out_of_every_certificate_of_the_chain() -> None:
    """Each once, in order, at most eight of one certificate."""
    middle = shop.make_ca(
        "CN=Middle", ROOT, extensions=(shop.basic_constraints(), points("http://a.test/1", "ldap://b.test/2"))
    )
    leaf = shop.make_leaf(HOST, middle, extensions=(points(*(f"http://c.test/{i}" for i in range(20))),))
    face = TlsFace(port=443, version="", cipher="", chain=(leaf.der, middle.der, b"nonsense"), completed=True)
    found = addresses_in(Evidence((Observation(TlsFace, "tls", "https", NOW, Seen(face)),)))
    assert found == (*(f"http://c.test/{i}" for i in range(8)), "http://a.test/1", "ldap://b.test/2")


def test_fetched_lists_judge_and_survive_the_evidence_file(tmp_path: Path) -> None:
    """A list that revokes does so in a replay too; one that did not come leaves the question open, and is told."""
    leaf = shop.make_leaf(HOST, ROOT, serial=77)
    came = FetchedList(url="http://a.test/1", at=NOW, content=shop.make_list(ROOT, (77,)))
    lost = FetchedList(url="http://b.test/\x1b", at=NOW, because="nothing came back")
    settings = Settings(fetch_crls=True, crl_hosts=("a.test",))
    head = AuditHead(
        id="x", tool_version="0", started_at=NOW, inventory=Inventory(targets=(), settings=settings),
        catalogue_digest="", profiles_digest="",
    )  # fmt: skip
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(head_line(head) + end_line(AuditEnd(finished_at=NOW, complete=True, lists=(came, lost))))
    end = read_evidence(path).end
    assert end is not None
    for lists, expected in ((end.lists, Revocation.REVOKED), (end.lists[1:], Revocation.MISSING)):
        crls, notes = operator_lists(settings, lists)
        trust = Trust.under(Policy(), Anchors.of([ROOT.der]), NOW, crls=crls)
        (judged,) = interpret(host(leaf), load_profiles(), trust).of(JudgedChain)
        assert judged.report.revocation is expected
        assert notes == ("The revocation list of http://b.test/? was not fetched: nothing came back.",)


def test_a_verifier_can_tell_which_requests_were_permitted() -> None:
    """Those of listed hosts, each with its port; what was never asked is not among them."""
    settings = Settings(fetch_crls=True, crl_hosts=("a.test", "b.test:81"))
    urls = (
        "http://a.test/1",
        "http://b.test:81/2",
        "http://c.test/3",
        "http://a.test/reboot",
        "http://a.test/" + "x" * 600,
    )
    lists = tuple(FetchedList(url=url, at=NOW) for url in urls)
    asked = {(request.argument, port) for request, port in permitted_fetches(lists, settings)}
    assert asked == {("/1", 80), ("/2", 81)}
