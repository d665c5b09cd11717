"""Probes: each asks one question of one service and yields what it observed. They never raise for what a host does."""
