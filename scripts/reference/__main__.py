"""Write every generated file into the tree: `python -m scripts.reference`."""

from scripts.reference.files import ROOT, generated


def main() -> None:
    """Write what differs, and name it."""
    for name, text in generated().items():
        place = ROOT / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists() or place.read_text(encoding="utf-8") != text:
            place.write_text(text, encoding="utf-8")
            print(name)  # noqa: T201 - a script for developers


if __name__ == "__main__":
    main()
