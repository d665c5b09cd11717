"""Reading: the text of one profile file made into a `Profile`, or into the list of everything that is wrong with it."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auditor.model.profile import Exclusion, Guidance, Limits, Profile, Read, Recognition, Service, SoftwareRule
from auditor.profiles.problems import Table, problems_of, tables

UNRATED = "unrated"
"""How a file writes the level of a service that is not rated: TOML has no null, and a missing key may be a slip."""

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "unexpected_keyword_argument": "is not a known key",
}


class ProfileError(ValueError):
    """One or more profile files are wrong. `problems` holds `file: key: what is wrong`, all of them."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Take the problems; the message is one line for each."""
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class _File(BaseModel):
    """The shape of one file. Its configuration reaches the plain dataclasses below it: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", strict=True)

    family: str = Field(min_length=1)
    title: str = Field(min_length=1)
    vendor: str = Field(min_length=1)
    role: Literal["device", "server", "unknown"]
    chapter: str = Field(min_length=1)
    documents: tuple[str, ...] = Field(min_length=1)
    paths: tuple[str, ...] = Field(min_length=1)
    telnet_challenge_pattern: str = Field(min_length=1)
    limits: Limits
    service: tuple[Service, ...] = Field(min_length=1)
    read: tuple[Read, ...]
    controls: dict[str, Guidance] = Field(min_length=1)
    recognise: tuple[Recognition, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    software: SoftwareRule | None = None
    capabilities: dict[str, bool] = Field(default_factory=dict)
    settings: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    status: dict[str, tuple[str, ...]] = Field(default_factory=dict)


def parse_profile(text: str, source: str) -> Profile:
    """Return the profile that this TOML text holds; `source` is the file's name in messages.

    Raises ProfileError with every mistake: syntax, unknown and missing keys, wrong types, patterns that do not
    compile, values out of range, and names or reads that stand there twice.
    """
    try:
        data: Table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError([f"{source}: is not TOML: {error}"]) from error
    problems = list(problems_of(data))
    try:
        # JSON because pydantic's strict mode takes lists for tuples and tables for dataclasses only from there.
        file = _File.model_validate_json(json.dumps(_with_null_levels(data), default=str))
    except ValidationError as error:
        raise ProfileError(f"{source}: {problem}" for problem in (*_shape_problems(error), *problems)) from error
    if problems:
        raise ProfileError(f"{source}: {problem}" for problem in problems)
    return _profile(file)


def _profile(file: _File) -> Profile:
    return Profile(
        family=file.family,
        title=file.title,
        vendor=file.vendor,
        role=file.role,
        chapter=file.chapter,
        documents=file.documents,
        services=file.service,
        recognise=file.recognise,
        limits=file.limits,
        reads=file.read,
        controls=file.controls,
        software=file.software,
        excluded=file.excluded,
        capabilities=file.capabilities,
        telnet_challenge_pattern=file.telnet_challenge_pattern,
        paths=file.paths,
        settings=file.settings,
        status=file.status,
    )


def _with_null_levels(data: Table) -> Table:
    """Return the data with the word for an unrated service as None, which TOML cannot write."""
    if "service" not in data or not isinstance(data["service"], list):
        return data
    services = [dict(row) if isinstance(row, dict) else row for row in data["service"]]
    for _, row in tables({"service": services}, "service"):
        if row.get("level") == UNRATED:
            row["level"] = None
    return {**data, "service": services}


def _shape_problems(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        place = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
        yield f"{place.lstrip('.')}: {_WORDS.get(fault['type'], fault['msg'])}"
