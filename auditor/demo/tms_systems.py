"""Management servers of the demonstration fleet.

Nothing shows their settings. But devices whose settings can be read tell how they talk to their server: some of those
of `tms` use HTTP although they could do better, so it is not in Secure-Only mode, and some know it by its address.
"""

from dataclasses import replace

from auditor.demo.device import DeviceSpec, Truth
from auditor.demo.truths import NEW_TLS, inside, on, outside

ENCRYPTED = frozenset({"tms.database-encrypted"})

TMS = (
    DeviceSpec(
        name="tms", product="tms", octets=(0, 10), software="11.9.1", system_name="tms",
        services=on("http:require-ssl", "https"), tls=NEW_TLS, target_level=4, database="required",
        truth=replace(outside(4), also_met=ENCRYPTED),
        truth_with_settings=replace(inside(2, "tms.secure-only", "tms.one-name-for-all"), also_met=ENCRYPTED),
        roots="fleet",
        story="A management server that demands HTTPS for every page; its database takes nobody without encryption.",
    ),
    DeviceSpec(
        name="tms-bergen", product="tms", octets=(0, 11), software="11.9.1", system_name="tms-bergen", site="bergen",
        services=on("http:subdirectory-lost", "https"), tls=NEW_TLS, database="off",
        truth=Truth(proven=1, possible=4, also_not_met=frozenset({"tms.http-refused"})),
        truth_with_settings=Truth(proven=1, possible=4, also_not_met=frozenset({"tms.http-refused"})),
        roots="fleet",
        story="A management server on which an upgrade has lost the demand for HTTPS below the top directory; its "
        "database leaves encryption to its clients.",
    ),
    DeviceSpec(
        name="tms-test", product="tms", octets=(0, 12), software="11.8", system_name="tms-test", site="bergen",
        services=on("http"), database="not-supported",
        truth=outside(2, "services.https-on", "tms.https-on", also=frozenset({"tms.http-refused"}) | ENCRYPTED),
        truth_with_settings=outside(
            2, "services.https-on", "tms.https-on", also=frozenset({"tms.http-refused"}) | ENCRYPTED
        ),
        roots="fleet",
        story="A management server that speaks plain HTTP only, with a database that cannot encrypt.",
    ),
)  # fmt: skip
