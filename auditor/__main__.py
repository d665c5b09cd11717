"""`python -m auditor`, and the entry point of the `auditor` command."""

from auditor.cli.app import app


def main() -> None:
    """Run the command line; it ends the process with the exit code of `auditor.cli.exits`."""
    app()


if __name__ == "__main__":
    main()
