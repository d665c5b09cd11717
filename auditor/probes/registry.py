"""The probes, each in a line. Adding one is a new module and one line here."""

from auditor.probes.database import DatabaseProbe
from auditor.probes.ftp import FtpProbe
from auditor.probes.http import HttpProbe
from auditor.probes.interface import Probe
from auditor.probes.names import NamesProbe
from auditor.probes.ports import PortProbe
from auditor.probes.settings import SettingsProbe
from auditor.probes.snmp import SnmpProbe
from auditor.probes.ssh import SshProbe
from auditor.probes.telnet import TelnetProbe
from auditor.probes.tls import TlsProbe

PROBES: tuple[Probe, ...] = (
    NamesProbe(),
    TlsProbe(),
    HttpProbe(),
    SshProbe(),
    TelnetProbe(),
    FtpProbe(),
    PortProbe(),
    DatabaseProbe(),
    SettingsProbe(),
    SnmpProbe(),
)
"""Every probe. The order in which a host is asked comes from each probe's `order`."""
