"""Addresses of the demonstration fleet where nobody speaks sense: filtered, refusing, silent and garbled hosts."""

from auditor.demo.device import DeviceSpec, Truth
from auditor.demo.truths import on, outside

ODD = (
    DeviceSpec(
        name="far1", product="mxp", octets=(4, 1), software="", system_name="far1", site="remote",
        services=on("ftp", "ssh", "telnet", "telnet-challenge", "http", "https", "snmp", behaviour="filtered"),
        truth=Truth(proven=None, possible=None), truth_with_settings=Truth(proven=None, possible=None),
        saved="text",
        story="An MXP behind a packet filter: nothing comes back.",
    ),
    DeviceSpec(
        name="far2", product="mps", octets=(4, 2), software="", system_name="far2", site="remote", services=(),
        truth=Truth(proven=None, possible=None, held_back_by=frozenset({"services.https-on"})),
        truth_with_settings=Truth(
            proven=None, possible=None, held_back_by=frozenset({"services.https-on"})
        ),
        story="An address where a host refuses every port.",
    ),
    DeviceSpec(
        name="far3", product="mxp", octets=(4, 3), software="", system_name="far3", site="remote",
        services=on("telnet", "ftp", "http", "https", behaviour="silent"),
        truth=outside(1, "services.ftp-off", "services.http-off"),
        truth_with_settings=outside(1, "services.ftp-off", "services.http-off"),
        story="A host that accepts connections and never says a word.",
    ),
    DeviceSpec(
        name="far4", product="mxp", octets=(4, 4), software="", system_name="far4", site="remote",
        services=on("telnet", "ftp", "http", "https", behaviour="garbage"),
        truth=outside(1, "services.ftp-off", "services.http-off"),
        truth_with_settings=outside(1, "services.ftp-off", "services.http-off"),
        story="A host that answers in no known protocol.",
    ),
)  # fmt: skip
