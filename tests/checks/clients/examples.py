"""Examples of the verdicts of `clients.*`."""

from dataclasses import replace

from auditor.model.policy import Policy
from tests.checks.evidence import (
    BARE,
    DEVICE,
    FILTERED,
    REFUSED,
    context,
    feedback,
    met,
    not_applicable,
    not_met,
    roots,
    setting,
    undetermined,
)  # fmt: skip

MANAGER, SERVICES = "clients.external-manager-https", "clients.external-services-https"
DIRECTORY, FEEDBACK = "clients.corporate-directory-https", "clients.feedback-https"
VERIFY, ROOTS, NAMES = (
    "clients.verify-server-certificate", "clients.root-list-loaded", "clients.addresses-are-hostnames",
)  # fmt: skip
PATH = "https.verifyservercertificate"
CONTESTED = replace(DEVICE, capabilities={"verify_mode_contested": True})
OFF = Policy(vcs_verify_mode="off")
ALL_OFF = (setting("externalservices.mode", "Off"), setting("corporatedirectory.mode", "Off"))

EXAMPLES = (
    met(MANAGER, setting("externalmanager.protocol", "HTTPS")),
    met(MANAGER, setting("externalmanager.protocol", "HTTP"), setting("externalmanager.address", "127.0.0.1")),
    met(MANAGER, setting("externalmanager.protocol", FILTERED), setting("externalmanager.address", '"127.0.0.1"')),
    not_met(MANAGER, setting("externalmanager.protocol", "HTTP"), setting("externalmanager.address", "192.0.2.10")),
    not_met(MANAGER, setting("externalmanager.protocol", "HTTP"), setting("externalmanager.address", ""), says="DHCP"),
    not_met(MANAGER, setting("externalmanager.protocol", REFUSED), setting("externalmanager.address", "tms.test")),
    not_met(
        MANAGER, setting("externalmanager.protocol", "H\x1b[2J" * 99), setting("externalmanager.address", "a\nb" * 99)
    ),
    undetermined(MANAGER, says="no credentials and no saved configuration"),
    undetermined(MANAGER, setting("externalmanager.protocol", "HTTP"), says="externalmanager.address"),
    undetermined(MANAGER, setting("externalmanager.address", "tms.example.test")),
    *(
        example
        for id_, name in ((SERVICES, "externalservices"), (DIRECTORY, "corporatedirectory"))
        for example in (
            met(id_, setting(f"{name}.mode", "Off"), setting(f"{name}.protocol", "HTTP")),
            met(id_, setting(f"{name}.mode", "On"), setting(f"{name}.protocol", "HTTPS")),
            met(id_, setting(f"{name}.mode", FILTERED), setting(f"{name}.protocol", "https")),
            not_met(id_, setting(f"{name}.mode", "On"), setting(f"{name}.protocol", "HTTP")),
            not_met(id_, setting(f"{name}.mode", "On"), setting(f"{name}.protocol", REFUSED), says="no setting"),
            undetermined(id_, setting(f"{name}.protocol", "HTTP")),
            undetermined(id_, setting(f"{name}.mode", "On")),
            undetermined(id_),
        )
    ),
    met(FEEDBACK, feedback(()), says="No feedback"),
    met(FEEDBACK, feedback(("https://tms.example.test/x", "HTTPS://other.example.test/"))),
    not_met(FEEDBACK, feedback(("https://a.test/", "http://bob:pw@b.test/c?key=1")), says="http://b.test"),
    not_met(FEEDBACK, feedback(("http://[",)), says="cannot be read"),
    undetermined(FEEDBACK, feedback(FILTERED)),
    undetermined(FEEDBACK),
    met(VERIFY, setting(PATH, "On")),
    met(VERIFY, setting(PATH, "Off"), where=context(CONTESTED, policy=OFF)),
    not_met(VERIFY, setting(PATH, "Off")),
    not_met(VERIFY, setting(PATH, "Off"), where=context(CONTESTED)),
    not_met(VERIFY, setting(PATH, "Off"), where=context(policy=OFF)),
    not_met(VERIFY, setting(PATH, "\x00" * 999)),
    not_met(VERIFY, setting(PATH, REFUSED), says="no setting"),
    undetermined(VERIFY, says=PATH),
    undetermined(VERIFY, setting(PATH, FILTERED), says="No answer"),
    met(ROOTS, roots(2)),
    met(ROOTS, roots(1, "stated"), says="operator"),
    not_met(ROOTS, roots(0)),
    not_met(ROOTS, roots(REFUSED)),
    undetermined(ROOTS, roots(FILTERED)),
    undetermined(ROOTS),
    met(NAMES, setting("externalmanager.address", "tms.example.test"), *ALL_OFF),
    met(NAMES, setting("externalmanager.address", "tms.example.test"), where=context(BARE)),
    met(
        NAMES,
        setting("externalmanager.address", "https://tms.example.test:443/path"),
        setting("externalservices.mode", "On"),
        setting("externalservices.address", "s.example.test"),
        setting("corporatedirectory.mode", "Off"),
        setting("corporatedirectory.address", "192.0.2.3"),
    ),
    not_met(NAMES, setting("externalmanager.address", "192.0.2.10"), *ALL_OFF),
    not_met(NAMES, setting("externalmanager.address", "http://[2001:db8::1]:80/x"), *ALL_OFF),
    not_met(NAMES, setting("externalmanager.address", "2001:db8::1"), *ALL_OFF),
    not_met(NAMES, setting("corporatedirectory.address", "192.0.2.3"), says="corporatedirectory.address"),
    undetermined(NAMES, setting("externalmanager.address", "tms.example.test"), says="externalservices.address"),
    undetermined(NAMES),
    not_applicable(NAMES, setting("externalmanager.address", "127.0.0.1"), *ALL_OFF),
)
