"""How the host talks to the servers that it is told to use."""
