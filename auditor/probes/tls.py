"""What a TLS server shows: version, suite and chain, and which versions and weak suites it takes."""

from collections.abc import AsyncIterator

from auditor.model.evidence import AnyObservation, Cause, Unknown
from auditor.model.facts import TlsFace, TlsVersions
from auditor.model.inventory import Settings
from auditor.model.profile import Service
from auditor.probes.interface import Question, observation, port_observation
from auditor.wire import tls
from auditor.wire.failures import Answer, Failure, attempt
from auditor.wire.gate import Gate


class TlsProbe:
    """Fetches the presented chain of an HTTPS service, then offers each protocol version alone."""

    name = "tls"
    order = 50

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take HTTPS services."""
        return service is not None and service.protocol == "https"

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `port/<service>`, `tls/<service>` and `tls-versions/<service>`.

        The versions are not asked for where nothing that speaks TLS answered: the same outcome is then given for them.
        """
        assert question.service is not None  # noqa: S101 - `applies` admits services only
        service, port, sni = question.service.name, question.port, question.target.hostname
        face = await attempt(tls.fetch(gate, port, sni=sni))
        yield port_observation(gate, question, face)
        yield observation(TlsFace, self.name, service, gate, port, face)
        versions: Answer[TlsVersions] | Failure
        if isinstance(face, Answer) or _tls_without_session(face):
            versions = await attempt(tls.probe_versions(gate, port, sni=sni))
        else:
            versions = face
        yield observation(TlsVersions, "tls-versions", service, gate, port, versions)


def _tls_without_session(failure: Failure) -> bool:
    # A server of the 1990s may speak SSLv2 alone: no session, but it has versions to tell of.
    return isinstance(failure.outcome, Unknown) and failure.outcome.cause is Cause.TLS_FAILED
