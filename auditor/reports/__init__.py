"""Reports: one frozen `AuditRun` in, the bytes of one document out. No network, no clock, no disk."""
