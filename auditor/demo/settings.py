"""The settings of simulated devices: how each family spells them, what they leave the factory with, and hardened sets.

Paths are the auditor's (`telnet.mode`), words are the device's (`Telnet Mode`); in XML the same words are the elements
below `Configuration`. Factory values are the guide's where it gives them (D50520 Rev 2, chapters 3 to 5, "Default
Protocols and Services"), the hardened sets are its Level 3 and Level 4 steps. Modes of services are not in the sets:
they follow the services of a `DeviceSpec`, unless its `changed` says that a restart is still to come.
"""

from collections.abc import Mapping

from auditor.demo.device import DeviceSpec, Family

NTP_SERVER = "ntp.vc.example.test"
DNS_SERVER = "10.10.10.2"
DOMAIN = "vc.example.test"
DISABLED = "127.0.0.1"
"""The guide's address for an external manager that is switched off."""

_COMMON = {
    "externalmanager.address": "ExternalManager Address",
    "externalmanager.protocol": "ExternalManager Protocol",
    "ntp.address": "NTP Address",
    "dns.server": "IP DNS Server 1 Address",
    "dns.domain": "IP DNS Domain Name",
    "snmp.mode": "SNMP Mode",
    "systemunit.name": "SystemUnit Name",
}
_CODEC = {
    "http.mode": "HTTP Mode",
    "https.mode": "HTTPS Mode",
    "https.verifyservercertificate": "HTTPS VerifyServerCertificate",
    "ssh.mode": "SSH Mode",
    "telnet.mode": "Telnet Mode",
}
_MXP_ONLY = {
    "corporatedirectory.address": "CorporateDirectory Address",
    "corporatedirectory.mode": "CorporateDirectory Mode",
    "corporatedirectory.protocol": "CorporateDirectory Protocol",
    "externalservices.address": "ExternalServices Address",
    "externalservices.mode": "ExternalServices Mode",
    "externalservices.protocol": "ExternalServices Protocol",
    "ftp.mode": "FTP Mode",
    "ntp.mode": "NTP Mode",
    "strictpassword": "StrictPassword",
    "telnetchallenge.mode": "TelnetChallenge Mode",
    "telnetchallenge.port": "TelnetChallenge Port",
}
_VCS_ONLY = {
    "http.mode": "Administration HTTP Mode",
    "https.mode": "Administration HTTPS Mode",
    "https.verifyservercertificate": "ExternalManager Server Certificate Verify Mode",
    "ssh.mode": "Administration SSH Mode",
    "telnet.mode": "Administration Telnet Mode",
}
WORDS: Mapping[Family, Mapping[str, str]] = {
    "mxp": _COMMON | _CODEC | _MXP_ONLY,
    "mps": _COMMON | _CODEC,
    "vcs": _COMMON | _VCS_ONLY,
    "tms": {},
}
"""Words of each setting that a family has. The management server has no view of its settings at all."""

LATER_VERIFY = "ExternalManager Server Certificate Verification Mode"
"""How VCS software from X5 on spells what X4, and the guide, call Verify Mode (the release is an assumption)."""

HTTPS_CLIENT = frozenset(
    {
        "corporatedirectory.protocol",
        "externalmanager.protocol",
        "externalservices.protocol",
        "https.verifyservercertificate",
    }
)
"""Settings that came with the HTTPS client: older software has none of them."""

SERVICE_MODES: Mapping[str, str] = {
    "telnet": "telnet.mode",
    "telnet-challenge": "telnetchallenge.mode",
    "ftp": "ftp.mode",
    "snmp": "snmp.mode",
    "http": "http.mode",
    "https": "https.mode",
    "ssh": "ssh.mode",
}
"""The setting that rules each service."""

FACTORY: Mapping[str, str] = {
    "corporatedirectory.address": "",
    "corporatedirectory.mode": "On",
    "corporatedirectory.protocol": "HTTP",
    "dns.domain": "",
    "dns.server": "",
    "externalmanager.address": "",
    "externalmanager.protocol": "HTTP",
    "externalservices.address": "",
    "externalservices.mode": "On",
    "externalservices.protocol": "HTTP",
    "https.verifyservercertificate": "Off",
    "ntp.address": "",
    "ntp.mode": "Off",
    "strictpassword": "Off",
    "telnetchallenge.port": "57",
}
LEVEL_3 = {
    **FACTORY,
    "corporatedirectory.mode": "Off",
    "externalmanager.address": DISABLED,
    "externalmanager.protocol": "HTTPS",
    "externalservices.mode": "Off",
    "strictpassword": "On",
}
LEVEL_4 = {
    **LEVEL_3,
    "dns.domain": DOMAIN,
    "dns.server": DNS_SERVER,
    "https.verifyservercertificate": "On",
    "ntp.address": NTP_SERVER,
    "ntp.mode": "On",
}
SETS: Mapping[str, Mapping[str, str]] = {"factory": FACTORY, "level-3": LEVEL_3, "level-4": LEVEL_4}

_ON_OFF = {"on": "On", "off": "Off"}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "snmp.mode": {**_ON_OFF, "readonly": "ReadOnly", "read-only": "ReadOnly"},
    "telnetchallenge.port": {"23": "23", "57": "57"},
}
"""Values that a setting may have, folded; `*.mode` is On or Off, `*.protocol` is HTTP or HTTPS, the rest is text."""


class SettingsStore:
    """What one device is configured to, which is not always what it does: services change at a restart only."""

    __slots__ = ("_values", "_words")

    def __init__(self, spec: DeviceSpec) -> None:
        self._words = dict(WORDS[spec.product])
        if spec.product == "vcs" and not spec.software.startswith("X4"):
            self._words["https.verifyservercertificate"] = LATER_VERIFY
        running = {mode: "On" if spec.service(name) else "Off" for name, mode in SERVICE_MODES.items()}
        wanted = {**SETS[spec.configured], **running, "systemunit.name": spec.system_name, **dict(spec.changed)}
        unknown = set(dict(spec.changed)) - set(self._words)
        if unknown:
            raise ValueError(f"{spec.name} has no setting {', '.join(sorted(unknown))}")
        missing = HTTPS_CLIENT if spec.before_https_client else frozenset[str]()
        self._values = {path: wanted[path] for path in self._words if path not in missing}

    def get(self, path: str) -> str | None:
        """Return the configured value, or None where this device has no such setting."""
        return self._values.get(path)

    def set(self, path: str, value: str) -> None:
        """Configure a setting. Raises KeyError where there is none, ValueError for a value that it cannot have."""
        if path not in self._values:
            raise KeyError(path)
        self._values[path] = _checked(path, value)

    def add_https_client(self) -> None:
        """Add the settings that newer software brings along, with their factory values."""
        for path in HTTPS_CLIENT & set(self._words):
            self._values.setdefault(path, FACTORY[path])

    def on(self, path: str) -> bool:
        """Tell whether a mode is set to anything but Off."""
        return self._values.get(path, "Off") != "Off"

    def spelled(self) -> tuple[tuple[str, str, str], ...]:
        """Return path, words and value of every setting, ordered by words."""
        rows = ((path, self._words[path], value) for path, value in self._values.items())
        return tuple(sorted(rows, key=lambda row: row[1]))

    def path_of(self, words: str) -> str | None:
        """Return the path of a setting by its words, in any case, or None."""
        folded = " ".join(words.split()).casefold()
        return next((path for path, spelled, _ in self.spelled() if spelled.casefold() == folded), None)


def _checked(path: str, value: str) -> str:
    """Return a value as the device writes it. Raises ValueError."""
    text = value.strip().strip('"')
    last = path.rpartition(".")[2]
    choices = _CHOICES.get(path)
    if choices is None and (last in {"mode", "verifyservercertificate"} or path == "strictpassword"):
        choices = _ON_OFF
    if choices is None and last == "protocol":
        choices = {"http": "HTTP", "https": "HTTPS"}
    if choices is None:
        if not text.isprintable() or len(text) > 128:
            raise ValueError(f"{path} cannot have that value")
        return text
    if text.casefold() not in choices:
        raise ValueError(f"{path} is one of {', '.join(choices.values())}")
    return choices[text.casefold()]
