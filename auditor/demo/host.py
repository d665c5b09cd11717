"""A simulated device while it runs, as its simulators see it: description, address, state, and the record."""

from dataclasses import dataclass

from auditor.demo.clock import FleetClock
from auditor.demo.device import DeviceSpec
from auditor.demo.recorder import KEPT_BYTES, Kind, LoginAttempt, Recorder, Request, Scheme
from auditor.demo.state import DeviceState

MOST_WRONG = 1
"""Wrong passwords that a device takes before it lets nobody in any more: an auditor has one attempt."""


@dataclass(frozen=True, slots=True)
class Host:
    """A device while it runs: what its simulators need to know. `address` is its own loopback address."""

    spec: DeviceSpec
    address: str
    recorder: Recorder
    clock: FleetClock
    state: DeviceState

    def record(self, service: str, kind: Kind, what: str, received: bytes = b"", peer: str = "") -> None:
        """Keep a request to this device."""
        self.recorder.record(
            Request(
                device=self.spec.name, service=service, kind=kind, what=what, received=received[:KEPT_BYTES], peer=peer
            )
        )

    def login(self, service: str, scheme: Scheme, account: str, *, right: bool, in_clear: bool, peer: str = "") -> bool:
        """Keep a login attempt and tell whether it lets somebody in; after two wrong ones the device is locked."""
        locked = self.state.wrong_passwords > MOST_WRONG
        admitted = right and not locked
        if not right:
            self.state.wrong_passwords += 1
            if self.state.wrong_passwords > MOST_WRONG:
                self.recorder.lock_out(self.spec.name)
        self.recorder.attempt(
            LoginAttempt(
                device=self.spec.name, service=service, scheme=scheme, account=account, succeeded=admitted,
                in_clear=in_clear, peer=peer,
            )
        )  # fmt: skip
        return admitted
