"""Checks of a finished bundle: files, signature, transcript, verdicts, reports. Nothing in the bundle is trusted."""
