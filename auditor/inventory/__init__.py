"""Inventories: files in which the operator describes the fleet, read and checked before the first packet.

Nothing here opens a socket, reads the environment or asks a clock. It imports `auditor.model` and nothing else of ours:
what products and services exist is told by the caller.
"""

from auditor.inventory.problem import InventoryError, Problem
from auditor.inventory.reader import read_inventory
from auditor.inventory.selection import select

__all__ = ["InventoryError", "Problem", "read_inventory", "select"]
