"""The machine formats in one table, for the registry."""

from auditor.reports.cbom import CbomReport
from auditor.reports.cef import CefReport
from auditor.reports.csv_tables import CertificateTable, FindingTable, HostTable
from auditor.reports.ecs import EcsReport
from auditor.reports.interface import Report
from auditor.reports.junit import JunitReport
from auditor.reports.native import NdjsonReport
from auditor.reports.ocsf import DEFAULT_VERSION, OcsfReport
from auditor.reports.ocsf_inventory import OcsfInventoryReport
from auditor.reports.ocsf_parts import Version
from auditor.reports.ocsf_run import OcsfRunReport

MACHINE_REPORTS: tuple[Report, ...] = (
    OcsfReport(),
    FindingTable(),
    OcsfInventoryReport(),
    OcsfRunReport(),
    *(OcsfReport(version) for version in Version if version is not DEFAULT_VERSION),
    EcsReport(),
    EcsReport(kibana=True),
    HostTable(),
    CertificateTable(),
    CefReport(),
    JunitReport(),
    CbomReport(),
    NdjsonReport(),
)
"""Every format that a program reads, beside `audit.json`."""
