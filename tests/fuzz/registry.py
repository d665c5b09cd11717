"""Every fuzz target: its name, which is that of its folder of seeds, and where it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Target:
    """One parser of hostile octets. `place` is `module:function`; `watched` are the packages whose branches count."""

    name: str
    place: str
    watched: tuple[str, ...] = ("auditor.wire",)
    longest: int = 20_000

    def load(self) -> Callable[[bytes], None]:
        """Return the function that takes one input; it raises for whatever must not be."""
        module, _, function = self.place.partition(":")
        found: Any = getattr(import_module(f"tests.fuzz.{module}"), function)
        target: Callable[[bytes], None] = found
        return target

    @property
    def seeds(self) -> tuple[Path, ...]:
        """The committed seeds, inputs that once crashed it among them (`found-…`)."""
        return tuple(sorted((CORPUS / self.name).iterdir()))


DIALECTS, BUNDLES = ("auditor.dialects",), ("auditor.verification", "auditor.reports.evidence_file", "auditor.engine")
FILES = ("auditor.inventory",)

TARGETS = {
    target.name: target
    for target in (
        Target("hello", "hello_target:one_input"),
        Target("certificate", "certificate_target:one_input", ("auditor.trust", "auditor.wire")),
        Target("telnet", "wire_target:telnet_greeting"),
        Target("ftp", "wire_target:ftp_greeting"),
        Target("ssh", "wire_target:ssh_opening"),
        Target("ssh-exchange", "wire_target:ssh_exchange", ("auditor.wire", "asyncssh.kex_dh", "asyncssh.public_key")),
        Target("tls", "wire_target:tls_flight"),
        Target("snmp", "wire_target:snmp_answer"),
        Target("database", "wire_target:database_answer"),
        Target("ntp", "wire_target:ntp_answer"),
        Target("dns", "wire_target:dns_answer", ("auditor.wire", "dns")),
        Target("http", "wire_target:http_face", ("auditor.wire", "h11", "httpx")),
        Target("http-login", "wire_target:http_document", ("auditor.wire", "h11")),
        Target("banner", "dialect_target:banner", ("auditor.wire", "auditor.engine.identify")),
        Target("xml", "dialect_target:xml_document", DIALECTS),
        Target("text", "dialect_target:text_answer", DIALECTS),
        Target("saved", "dialect_target:saved_file", DIALECTS),
        Target("inventory", "file_target:yaml_inventory", FILES),
        Target("csv", "file_target:csv_inventory", FILES),
        Target("waivers", "file_target:waivers", FILES),
        Target("attestations", "file_target:attestations", FILES),
        Target("signature", "file_target:signature", ("auditor.signing",)),
        Target("evidence", "bundle_target:evidence", BUNDLES, 30_000),
        Target("bundle", "bundle_target:bundle", BUNDLES, 30_000),
    )
}
