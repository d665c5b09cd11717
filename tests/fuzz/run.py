"""Run one fuzz target under atheris: `python -m tests.fuzz.run hello|certificate [libFuzzer's options]`.

The seeds in `corpus/` are read; what is found goes to the folder that the options name, never to the seeds.
"""

import importlib
import sys

import atheris

TARGETS = {"hello": "tests.fuzz.hello_target", "certificate": "tests.fuzz.certificate_target"}


def main() -> None:
    """Instrument our own modules, then feed the target until libFuzzer's limits are reached."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz.run {'|'.join(TARGETS)} [OPTIONS] [CORPUS …]")
    with atheris.instrument_imports(include=["auditor.trust", "auditor.wire"]):
        target = importlib.import_module(TARGETS[sys.argv[1]])
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target.one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
