"""Words in which the truths of the fleet are stated: services that are on, and what an audit must find.

Nothing here is computed from a control: whoever adds a system states by hand what is wrong with it.
"""

from auditor.demo.device import Behaviour, ServiceSpec, TlsVersion, Truth

OLD_TLS: tuple[TlsVersion, TlsVersion] = ("TLSv1.0", "TLSv1.0")
NEW_TLS: tuple[TlsVersion, TlsVersion] = ("TLSv1.2", "TLSv1.3")

FACTORY_FAULTS = frozenset({"certificates.name-matches", "certificates.trusted", "certificates.own"})
WEAK = frozenset({"certificates.key-strength"})
OLD_PROTOCOL = frozenset({"tls.protocol-version"})
OLD_SSH = frozenset({"ssh.weak-algorithms"})
BASIC_TOO = frozenset({"services.http-basic-offered"})
LAX_PASSWORD = frozenset({"access.strict-password"})

UNVERIFIED = frozenset({"clients.verify-server-certificate", "prerequisites.ntp", "prerequisites.dns-server"})
"""What the Level 3 steps leave undone of Level 4, besides roots and certificate; the factory leaves it undone too."""

FACTORY_CLIENTS = frozenset(
    {"clients.external-manager-https", "clients.external-services-https", "clients.corporate-directory-https"}
)
"""The clients of an MXP as it leaves the factory."""

TMS = "tms.vc.example.test"
MANAGED = {"externalmanager.address": TMS}
"""What differs from the guide's Level 4 on a system that a management server looks after: the guide leaves it alone."""

POSTED = f"https://{TMS}/tms/public/feedback/code.aspx"
POSTED_IN_CLEAR = f"http://{TMS}/tms/public/feedback/code.aspx"


def on(*names: str, behaviour: Behaviour = "normal") -> tuple[ServiceSpec, ...]:
    """Return these services switched on; a form other than the usual one stands after a colon."""
    parts = (name.partition(":") for name in names)
    return tuple(ServiceSpec(name=name, behaviour=behaviour, variant=variant) for name, _, variant in parts)


def outside(possible: int, *held_back_by: str, also: frozenset[str] = frozenset()) -> Truth:
    """Return the truth of a system that answers: from outside no more than Level 2 can be proven."""
    return Truth(
        proven=1 if possible < 2 else 2, possible=possible, held_back_by=frozenset(held_back_by), also_not_met=also
    )  # fmt: skip


def inside(proven: int, *held_back_by: str, possible: int | None = None, also: frozenset[str] = frozenset()) -> Truth:
    """Return the truth of a system whose settings can be read: mostly, what is proven is all that is possible."""
    return Truth(
        proven=proven, possible=possible or proven, held_back_by=frozenset(held_back_by), also_not_met=also
    )  # fmt: skip
