"""The names in the database: of the schemas, of the roles, and how a site's role is called."""

import re

SCHEMA = "auditor_sites"
"""Where the tables are; apart from `public`, where a history may live in the same database."""

COLLECTOR_SCHEMA = "auditor_collector"
"""Functions that a collector calls in place of the engine's own, see sql/migrations."""

SITES_ROLE = "auditor_site"
"""The role that holds what every site may do; nobody logs in with it."""

CENTRE_ROLE = "auditor_centre"
"""The role of the centre."""

SITE_PREFIX = "auditor_site_"
"""A site's own role is this and the name of the site. The row policies in sql/rights.sql read the site from it."""

_SITE = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,46}[a-z0-9])?", re.ASCII)
"""With the prefix it stays within the 63 bytes of a name in PostgreSQL, which cuts longer ones without a word."""


def check_site(site: str) -> str:
    """Return the name of a site as it is; raise ValueError unless it can be a queue's and part of a role's name."""
    if _SITE.fullmatch(site) is None:
        raise ValueError(
            f"{site[:60]!r} cannot be a site of the database: 1 to 48 of a-z, 0-9, '-' and '_', "
            "with a letter or digit at both ends."
        )
    return site


def role_of(site: str) -> str:
    """Return the name of the role that a site's collectors log in with; ValueError as from `check_site`."""
    return SITE_PREFIX + check_site(site)


def site_of(role: str) -> str | None:
    """Return the site whose role this is, None for any other role."""
    name = role.removeprefix(SITE_PREFIX)
    return name if name != role and _SITE.fullmatch(name) else None
