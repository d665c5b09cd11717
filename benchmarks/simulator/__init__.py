"""A load simulator: thousands of systems on loopback addresses, from one process (`benchmarks.simulator.serve`)."""
