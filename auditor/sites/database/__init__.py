"""The database between the centre and its collectors: the tables, the roles, and what each role may do there.

A collector's role reaches the jobs and the results of its own site and nothing else, and the server itself holds it to
that: docs/sites-database.md says how. The work of installing needs the owner of the database, `deliver` the role of a
site, `received` and `purge` the role of the centre.
"""

from auditor.sites.database.connection import DatabaseError, connect
from auditor.sites.database.inbox import LARGEST_PAYLOAD, Delivery, deliver, delivered, purge, received
from auditor.sites.database.install import install
from auditor.sites.database.names import CENTRE_ROLE, SCHEMA, SITES_ROLE, check_site, role_of, site_of
from auditor.sites.database.roles import add_site, remove_site, sites

__all__ = [
    "CENTRE_ROLE",
    "LARGEST_PAYLOAD",
    "SCHEMA",
    "SITES_ROLE",
    "DatabaseError",
    "Delivery",
    "add_site",
    "check_site",
    "connect",
    "deliver",
    "delivered",
    "install",
    "purge",
    "received",
    "remove_site",
    "role_of",
    "site_of",
    "sites",
]
