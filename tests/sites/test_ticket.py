"""What travels to a site, and what a collector takes for a job."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from auditor.model.inventory import CredentialRef, Inventory, RootFile, Settings, Target
from auditor.sites.split import SplitError, split
from auditor.sites.ticket import Ticket, TicketError, arguments, read_ticket

SECRET = "s3cret-canary"  # noqa: S105 - a canary
SETTINGS = Settings(
    snmp_community=SECRET, known_hosts=("rm1 ssh-ed25519 AAAA",), ssh_host_keys="strict", question_seconds=3.0,
    roots=(RootFile(path="/etc/canary-roots.pem", certificates=(b"canary",)),), hosts_at_once=7, snmp=False,
)  # fmt: skip
CODEC = CredentialRef(name="codec", username="canary-user", password_command=("cat", "canary-file"))


def target(name: str, site: str | None = "oslo", **more: Any) -> Target:
    """Return a target."""
    return Target(name=name, product="mxp", address="10.1.0.7", site=site, **more)


def plain(*targets: Target) -> dict[str, Any]:
    """Return the arguments of a job as the database gives them."""
    return dict(json.loads(json.dumps(arguments(Ticket.of(uuid4(), 0, targets, SETTINGS))))["ticket"])


def test_a_ticket_brings_the_hosts_and_how_to_ask_them() -> None:
    """What comes out is what an audit of one machine would ask with, as far as it may travel."""
    sent = target("rm1", ports={"https": 444}, hostname="rm1.test", credentials="codec", tags=("a",), target_level=4)
    ticket = read_ticket(plain(sent))
    assert ticket.targets == (replace(sent, target_level=Target(name="x", product="y").target_level),)
    asked = ticket.settings(Settings(snmp_community="ours", hosts_at_once=3, dns_servers=("10.1.0.53:53",)))
    assert (asked.snmp_community, asked.hosts_at_once, asked.dns_servers) == ("ours", 3, ("10.1.0.53:53",))
    assert (asked.known_hosts, asked.ssh_host_keys, asked.snmp, asked.question_seconds) == (
        SETTINGS.known_hosts, "strict", False, 3.0,
    )  # fmt: skip


def test_no_secret_and_no_command_travels() -> None:
    """Neither passwords nor communities, user names, commands, paths or files; credentials by name only."""
    sent = target(
        "rm1", credentials="codec", saved_config=Path("/canary/rm1.txt"),
        roots=(RootFile(path="canary.pem", certificates=(b"canary",)),),
    )  # fmt: skip
    inventory = Inventory(targets=(sent,), settings=SETTINGS, credentials=(CODEC,), source="canary.yaml")
    parts = split(inventory, uuid4(), {"oslo": "oslo"}, hosts_per_job=50)
    text = json.dumps([arguments(ticket) for ticket in parts.tickets["oslo"]])
    assert "canary" not in text
    assert SECRET not in text
    assert '"credentials": "codec"' in text


@pytest.mark.parametrize(
    "change",
    [
        {"command": "xcommand boot"}, {"version": 2}, {"run": "tonight"}, {"hosts": []}, {"number": "1; drop"},
        {"how": {"snmp_community": "x"}}, {"how": {"reads": []}}, {"how": {"question_seconds": "long"}},
        {"hosts": [{"name": "a", "product": "mxp", "password": "x"}]}, {"hosts": [{"product": "mxp"}]},
        {"hosts": [{"name": "a", "product": "mxp", "ports": {"https": 70000}}]},
        {"hosts": [{"name": "", "product": "mxp"}]}, {"hosts": [{"name": "a", "product": "mxp"}] * 2},
        {"hosts": [{"name": str(n), "product": "mxp"} for n in range(1001)]},
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_ticket_is_refused(change: dict[str, object]) -> None:
    """Every field, whatever it holds."""
    with pytest.raises(TicketError):
        read_ticket(plain(target("rm1")) | change)


@pytest.mark.parametrize("nothing", [None, [], "ticket", 7, {}])
def test_nothing_like_a_ticket_is_refused(nothing: object) -> None:
    """Nor anything else."""
    with pytest.raises(TicketError):
        read_ticket(nothing)


def test_jobs_are_of_one_site_and_of_about_the_same_size() -> None:
    """Every host is in one job, of its own site, in the inventory's order."""
    targets = tuple(target(f"rm{n}", "Oslo HQ" if n % 3 else None) for n in range(160))
    inventory = Inventory(targets=targets)
    parts = split(inventory, uuid4(), {"Oslo HQ": "oslo"}, hosts_per_job=50, without_site="bergen")
    sizes = {site: [len(ticket.hosts) for ticket in tickets] for site, tickets in parts.tickets.items()}
    assert sizes == {"bergen": [27, 27], "oslo": [35, 35, 36]}
    assert [host.name for ticket in parts.tickets["bergen"] for host in ticket.hosts] == [
        t.name for t in targets if t.site is None
    ]
    assert {t.name for t in targets} == set(parts.site_of)
    assert [ticket.number for ticket in parts.tickets["oslo"]] == [0, 1, 2]


def test_hosts_that_nobody_would_ask_are_named_before_anything_is_submitted() -> None:
    """Without a site, and of a site that is not configured."""
    inventory = Inventory(targets=(target("lost", None), target("far", "moon"), target("near")))
    with pytest.raises(SplitError) as caught:
        split(inventory, uuid4(), {"oslo": "oslo"}, hosts_per_job=50)
    assert len(caught.value.problems) == 2
    assert "lost has no site" in caught.value.problems[0]
    assert "'moon'" in caught.value.problems[1]
