"""A load simulator: thousands of systems on loopback addresses, served by one process (`benchmarks.simulator.serve`)."""
