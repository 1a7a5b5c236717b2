"""What is installed is pinned, by name, version and hash, and by nothing else."""

import re
import tomllib

import pytest

from tests.architecture.sources import ROOT, project

PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """The version of each package in requirements/`name`.txt."""
    return dict(PIN.findall(text_of(name)))


def text_of(name: str) -> str:
    """The text of requirements/`name`.txt."""
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def names(requirements: list[str]) -> set[str]:
    """The packages' names without their versions."""
    return {re.split(r"[\[<>=~! ;]", one)[0].lower() for one in requirements}


@pytest.mark.parametrize("name", ["runtime", "development", "build"])
def test_every_package_has_its_hashes(name):
    """A changed file of a package is never installed, wherever it comes from."""
    packages = re.split(r"\n(?=\S)", text_of(name).strip())
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text_of(name)
    assert not re.search(r"^-", text_of(name), re.MULTILINE)


def test_every_dependency_is_pinned():
    """What pyproject.toml asks for is what the requirement files install."""
    extras = project()["optional-dependencies"]
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert names(project()["dependencies"] + extras["postgres"]) <= set(pins("runtime"))
    assert names(extras["dev"] + extras["bench"]) <= set(pins("development"))
    assert names(build) <= set(pins("build"))


def test_tests_run_on_what_ships():
    """A package has one version in all requirement files."""
    runtime, development, build = pins("runtime"), pins("development"), pins("build")
    assert runtime.items() <= development.items()
    assert all(development.get(name, version) == version for name, version in build.items())
