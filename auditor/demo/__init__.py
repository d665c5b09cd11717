"""A fleet of simulated devices on loopback addresses: what `auditor demo` audits and what the tests audit.

Everything here listens and nothing here dials, so the package is no second door to the network. It imports no part of
the auditor that looks or judges: the simulators must not know how they will be asked.
"""
