"""The playbooks that come with Fullkit: four ways to organise (R50, names ours) and the demo company."""

from __future__ import annotations

from importlib.resources import files


def names() -> tuple[str, ...]:
    """The four presets in rising dependence on field work; the demo company is read by the name `demo`."""
    return tuple(sorted(n for n in _stored() if n != "demo"))


def read(name: str) -> str:
    """The YAML text of a preset or of `demo`. Raises KeyError with the names there are."""
    stored = _stored()
    if name not in stored:
        raise KeyError(f"There is no preset {name!r}; there are {', '.join(sorted(stored))}.")
    return (files(__package__) / f"{name}.yaml").read_text(encoding="utf-8")


def _stored() -> set[str]:
    return {f.name.removesuffix(".yaml") for f in files(__package__).iterdir() if f.name.endswith(".yaml")}
