"""The repository's own files, for the tests that read them as text or as syntax."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("service", "tests", "scripts", "benchmarks")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def code_files(*folders: str) -> list[Path]:
    """Every Python file below the folders (all of ours by default), in a stable order."""
    return sorted(file for folder in folders or FOLDERS for file in (ROOT / folder).rglob("*.py"))


def prose_files() -> list[Path]:
    """Every Markdown file of the repository."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def name_of(file: Path) -> str:
    """The file's path from the repository's top, with forward slashes."""
    return file.relative_to(ROOT).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(file.read_text(encoding="utf-8"), name_of(file))


def functions(file: Path) -> Iterator[tuple[str, Function]]:
    """Every function of the file as (`path::name`, node), methods and nested ones too."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, Function):
            yield f"{name_of(file)}::{node.name}", node


def project() -> dict:
    """What pyproject.toml says of the project."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
