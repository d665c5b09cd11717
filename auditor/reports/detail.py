"""How much a printed report tells of each host. What is left out is said on the cover, with the place where it is."""

from enum import StrEnum

MOST_IN_A_VOLUME = 1000
"""Hosts with a part of their own in one document; nobody leafs through more."""

MOST_IN_FULL = 12
"""Hosts up to which everything is printed where nobody asked otherwise."""


class Detail(StrEnum):
    """`summary`: no part for a host. `exceptions`: what is not met in full, the rest in a line. `full`: everything."""

    SUMMARY = "summary"
    EXCEPTIONS = "exceptions"
    FULL = "full"


def detail_for(hosts: int, asked: Detail | None = None) -> Detail:
    """Return the detail that was asked for, or the one that makes a report of so many hosts readable."""
    if asked is not None:
        return asked
    if hosts > MOST_IN_A_VOLUME:
        return Detail.SUMMARY
    return Detail.EXCEPTIONS if hosts > MOST_IN_FULL else Detail.FULL


LEFT_OUT = {
    Detail.SUMMARY: "Left out: a part for each host. report.html and the attached audit.json have everything; "
    "--detail exceptions or full prints it.",
    Detail.EXCEPTIONS: "Breaches are shown with their evidence. Left out: the evidence of what is met, and all but the "
    "first certificate of a chain. report.html and the attached audit.json have everything; --detail full prints it.",
    Detail.FULL: "Nothing is left out but the ends of very long texts, which are marked; the attached audit.json has "
    "them whole.",
}
"""What the cover says of each detail."""
