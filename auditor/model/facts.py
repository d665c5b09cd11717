"""Facts: one frozen class for each kind of thing that a host can show us.

A fact holds what was on the wire, not what we think of it. Text from a device is kept as it came (decoded as Latin-1
or UTF-8 with replacement, shortened to the cap of its probe): whoever prints it must escape it for the place.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Base of everything that a host can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenService(Fact):
    """A port that answered: TCP accepted the connection, or UDP gave an answer.

    `Absent` of this kind means proven closed (TCP reset, ICMP port unreachable); `Unknown` with cause FILTERED or
    TIMED_OUT means that nothing came back.
    """

    service: str
    transport: Literal["tcp", "udp"]
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TelnetGreeting(Fact):
    """What a Telnet port says before login, and what it asks for.

    `prompt`: `password` or `login` ask for a password in clear; `challenge` names a challenge-response scheme;
    `open` gave a command prompt without asking; `silent` sent nothing within the deadline; `other` is anything else.
    `iac` is the option negotiation as lower-case hex.
    """

    port: int
    banner: str
    prompt: Literal["password", "login", "challenge", "open", "silent", "other"]
    iac: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FtpGreeting(Fact):
    """Reply to the connection (`code` such as 220 and text) and to FEAT (`features`; empty if it was refused).

    `features_known` is False where FEAT brought no reply at all: then nothing is said of features.
    """

    port: int
    code: int
    banner: str
    features: tuple[str, ...] = ()
    auth_tls: bool = False
    features_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SshHostKey(Fact):
    """One public host key: algorithm name, size in bits, SHA-256 fingerprint as OpenSSH prints it, raw blob."""

    algorithm: str
    bits: int
    fingerprint: str
    blob: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SshFace(Fact):
    """What an SSH server shows before login (RFC 4253): identification line, offered algorithms, host keys."""

    port: int
    banner: str
    protocol: str
    software: str
    kex: tuple[str, ...] = ()
    host_key_algorithms: tuple[str, ...] = ()
    ciphers: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()
    host_keys: tuple[SshHostKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFace(Fact):
    """The answer to one GET without credentials; redirects are recorded in `location` and never followed.

    `auth_schemes` are lower-case scheme names of every WWW-Authenticate field, in order (`digest`, `basic`, `ntlm`,
    `negotiate`). `login_form` is true when the page holds a password input. `ssl_required` is true for the refusal by
    which IIS demands HTTPS (403, or 403.4 in the body). `device_time` is the Date field, if it could be read.
    `body_cut` holds when not all of the page was read: what was not read is judged neither way.
    """

    scheme: Literal["http", "https"]
    port: int
    path: str
    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    auth_schemes: tuple[str, ...] = ()
    realm: str | None = None
    location: str | None = None
    server: str | None = None
    title: str | None = None
    login_form: bool = False
    ssl_required: bool = False
    device_time: datetime | None = None
    body_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFace(Fact):
    """A server hello and the chain that was presented, byte for byte (DER), in the order in which it was sent.

    `completed` tells whether the handshake was finished, which alone proves that the server holds the private key.
    `protection` is `none` when the negotiated suite neither encrypts nor authenticates (NULL or anonymous).
    `chain_complete` is False where the library gave the leaf only. `sni` is the name that was sent, or None.
    """

    port: int
    version: str
    cipher: str
    chain: tuple[bytes, ...]
    completed: bool
    protection: Literal["full", "none"] = "full"
    sni: str | None = None
    chain_complete: bool = True
    client_certificate_requested: bool = False
    ocsp_staple: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsVersions(Fact):
    """Protocol versions that the server accepted and refused when each was offered alone (`SSLv3`, `TLSv1.2`, …).

    `weak_suites` names one suite of each weak kind that was accepted; `weak_suites_unclear` the kinds (`RC4`, `3DES`,
    …) of which nothing can be said.
    """

    port: int
    accepted: tuple[str, ...]
    refused: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    weak_suites: tuple[str, ...] = ()
    weak_suites_unclear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpFace(Fact):
    """The answer to one GET of sysDescr.0 (RFC 3418). The community is not kept."""

    port: int
    version: Literal["v1", "v2c"]
    description: str
    error_status: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLookup(Fact):
    """Addresses that DNS gives for a name, and the resolver that was asked (`system` or address:port)."""

    name: str
    addresses: tuple[str, ...]
    resolver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseLookup(Fact):
    """Names that DNS gives for an address (PTR)."""

    address: str
    names: tuple[str, ...]
    resolver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Fact):
    """One value of a device's configuration, by its path in the profile's vocabulary (`telnet.mode`)."""

    path: str
    value: str
    source: Literal["live", "saved"] = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackList(Fact):
    """The URLs to which the device posts its events, as it lists them itself; empty when none is registered."""

    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootList(Fact):
    """The CA certificates loaded on the host itself, as DER. `stated` means by the inventory."""

    certificates: tuple[bytes, ...]
    source: Literal["live", "saved", "stated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSync(Fact):
    """What the device says of its time source; `synchronised` is None where its words cannot be told either way."""

    synchronised: bool | None
    server: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSays(Fact):
    """What the host says of itself in its settings and status documents, as it writes it; None where it does not.

    `clock` is its own time in UTC, told only where the document gives the zone; when it was read is the observation's
    time. `product` is what the head of an XML document names.
    """

    software: str | None = None
    system_name: str | None = None
    product: str | None = None
    clock: datetime | None = None
    source: Literal["live", "saved"] = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAnswer(Fact):
    """A login that the host accepted, and what was read with it. Neither user name nor password is kept.

    `scheme` is `digest`, `basic`, `password`, `keyboard-interactive`, or `none` where the host asked for nothing.
    `peer` says as whom the host was recognised before the password went out (host key, or TLS session). `read` are the
    documents or commands that brought a whole answer.
    """

    channel: Literal["https", "ssh", "http"]
    scheme: str
    peer: str
    read: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NtpAnswer(Fact):
    """What an NTP server says to one question in client mode (RFC 5905 section 7.3).

    `stratum` 0 is a refusal, 16 means not synchronised; `leap` 3 says so too. `offset_seconds` is how far the server's
    clock is ahead of the auditor's, `delay_seconds` the way there and back. `kiss` is the code of a refusal.
    """

    server: str
    stratum: int
    leap: int
    offset_seconds: float
    delay_seconds: float
    version: int
    reference: str = ""
    kiss: str = ""


DatabaseEncryption = Literal["off", "on", "not_supported", "required"]
"""What a database server answers to a client that offers to go without encryption (MS-TDS 2.2.6.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFace(Fact):
    """What a SQL Server says before login, at its own address, to a client that offers to go without encryption.

    `required`: it takes nobody without. `off`: it leaves the conversation to the client and encrypts the login alone.
    `not_supported`: it cannot. `on`: it says that it encrypts, which the protocol does not provide as an answer to
    that offer. `version` is the release that it names (major.minor.build). No certificate was looked at.
    """

    address: str
    port: int
    version: str
    encryption: DatabaseEncryption


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested(Fact):
    """A person's signed statement about something that no read-only view shows. Never mixed with observed facts."""

    statement: str
    value: str
    by: str
    on: datetime
    expires: datetime
    document: str = ""
    document_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceClock(Fact):
    """Derived: the device's own time (UTC) and how many seconds it is ahead of the auditor's (negative: behind)."""

    device_time: datetime
    ahead_seconds: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity(Fact):
    """Derived: which product this is, and its software, with the observation that says so.

    `family` is a profile's name. `software` is as the device writes it (`F7.2 NTSC`). `excluded` carries the guide's
    reason where it leaves this very model out.
    """

    family: str
    software: str | None = None
    system_name: str | None = None
    said_by: str = ""
    excluded: str | None = None
