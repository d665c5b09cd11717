"""The only door to the network. Nothing outside this package opens a connection or sends a byte.

Every request is first held against a list of permitted reads (`readlist`), then written to the ledger (`ledger`), then
sent under limits of time and size (`gate`, `line`). What a probe is given is a `Door` with verbs that can only read.
"""
