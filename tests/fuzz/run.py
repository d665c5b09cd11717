"""Run one fuzz target under atheris: `python -m tests.fuzz.run NAME [libFuzzer's options]`; `list` prints the names.

The seeds in `corpus/` are read; what is found goes to the folder that the options name, never to the seeds.
"""

import sys

from tests.fuzz.registry import TARGETS


def main() -> None:
    """Instrument the modules that the target watches, then feed it until libFuzzer's limits are reached."""
    if sys.argv[1:] == ["list"]:
        sys.stdout.write("\n".join(TARGETS) + "\n")
        return
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz.run {'|'.join(TARGETS)} [OPTIONS] [CORPUS …]")
    import atheris  # noqa: PLC0415 - an extra, and not needed to list the names

    target = TARGETS[sys.argv[1]]
    with atheris.instrument_imports(include=list(target.watched)):
        one_input = target.load()
    atheris.Setup([sys.argv[0], *sys.argv[2:], f"-max_len={target.longest}"], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
