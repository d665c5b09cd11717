"""The requirements: one module each, and the catalogue that lists them in order."""

from auditor.model.control import Control

from .access.default_password import default_password
from .access.strict_password import strict_password
from .certificates.complete import complete
from .certificates.expires_soon import expires_soon
from .certificates.in_date import in_date
from .certificates.key_strength import key_strength
from .certificates.name_matches import name_matches
from .certificates.not_revoked import not_revoked
from .certificates.own import own
from .certificates.server_purpose import server_purpose
from .certificates.signature_algorithm import signature_algorithm
from .certificates.trusted import trusted
from .clients.addresses_are_hostnames import addresses_are_hostnames
from .clients.corporate_directory_https import corporate_directory_https
from .clients.external_manager_https import external_manager_https
from .clients.external_services_https import external_services_https
from .clients.feedback_https import feedback_https
from .clients.root_list_loaded import root_list_loaded
from .clients.verify_server_certificate import verify_server_certificate
from .prerequisites.clock import clock
from .prerequisites.dns_server import dns_server
from .prerequisites.fqdn import fqdn
from .prerequisites.ntp import ntp
from .services.ftp_off import ftp_off
from .services.http_basic_offered import http_basic_offered
from .services.http_no_cleartext_password import http_no_cleartext_password
from .services.http_off import http_off
from .services.https_on import https_on as services_https_on
from .services.no_other_management_service import no_other_management_service
from .services.snmp_off import snmp_off
from .services.ssh_at_level_4 import ssh_at_level_4
from .services.telnet_challenge_off import telnet_challenge_off
from .services.telnet_off import telnet_off
from .software.supports_secure_management import supports_secure_management
from .ssh.protocol_1 import protocol_1
from .ssh.weak_algorithms import weak_algorithms
from .tls.protocol_version import protocol_version
from .tls.weak_cipher import weak_cipher
from .tms.database_encrypted import database_encrypted
from .tms.fqdn_configured import fqdn_configured
from .tms.http_refused import http_refused
from .tms.https_on import https_on as tms_https_on
from .tms.integrations_https import integrations_https
from .tms.one_name_for_all import one_name_for_all
from .tms.open_tickets import open_tickets
from .tms.override_dns_off import override_dns_off
from .tms.secure_only import secure_only
from .tms.server_dns import server_dns
from .tms.server_time import server_time
from .tms.snmp_broadcast_disabled import snmp_broadcast_disabled
from .tms.snmp_scan_off import snmp_scan_off
from .tms.systems_by_hostname import systems_by_hostname
from .tms.verify_certificates import verify_certificates
from .trust.device_accepts_tms import device_accepts_tms
from .trust.tms_accepts_device import tms_accepts_device


def catalogue(*controls: Control) -> tuple[Control, ...]:
    """Return the controls in the order given; raises ValueError where two have one identifier."""
    seen: set[str] = set()
    for control in controls:
        if control.id in seen:
            raise ValueError(f"two controls are called {control.id}")
        seen.add(control.id)
    return controls


CONTROLS: tuple[Control, ...] = catalogue(
    telnet_off,
    ftp_off,
    snmp_off,
    http_no_cleartext_password,
    http_off,
    telnet_challenge_off,
    services_https_on,
    no_other_management_service,
    external_manager_https,
    external_services_https,
    corporate_directory_https,
    feedback_https,
    supports_secure_management,
    complete,
    in_date,
    name_matches,
    trusted,
    server_purpose,
    not_revoked,
    own,
    verify_server_certificate,
    root_list_loaded,
    addresses_are_hostnames,
    ntp,
    clock,
    dns_server,
    fqdn,
    ssh_at_level_4,
    device_accepts_tms,
    tms_accepts_device,
    tms_https_on,
    secure_only,
    verify_certificates,
    fqdn_configured,
    systems_by_hostname,
    server_dns,
    server_time,
    override_dns_off,
    one_name_for_all,
    http_refused,
    snmp_scan_off,
    snmp_broadcast_disabled,
    integrations_https,
    expires_soon,
    key_strength,
    signature_algorithm,
    protocol_version,
    weak_cipher,
    protocol_1,
    weak_algorithms,
    http_basic_offered,
    strict_password,
    default_password,
    database_encrypted,
    open_tickets,
)
"""Every requirement, in the order of reports: by level, then the management server, lock-down and advice."""
