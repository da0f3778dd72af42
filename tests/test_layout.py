"""The shape of the code: what the top level holds, how long files and functions are, how deep they nest."""

import ast
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("jobs", "emails", "packets", "uploads", "platform", "tests")
FILE_LINES, FUNCTION_LINES, INDENTS = 300, 40, 4
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


def sources() -> list[Path]:
    """Return all Python files but migrations, which Django writes."""
    files = [
        path for folder in CODE for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    ]
    assert len(files) > 50
    return [*files, ROOT / "manage.py"]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def depth(node: ast.AST) -> int:
    """Return how many blocks stand within each other below `node`."""
    inner = max((depth(child) for child in ast.iter_child_nodes(node)), default=0)
    return inner + isinstance(node, BLOCKS)


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's lines without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    is_documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return lines - (((first.end_lineno or 0) - first.lineno + 1) if is_documented else 0)


def test_no_file_is_too_long() -> None:
    assert {
        str(path): count for path in sources() if (count := len(path.read_text().splitlines())) > FILE_LINES
    } == {}


def test_no_function_is_too_long() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{function.name}": lines_of_code(function)
        for path in sources()
        for function in functions(path)
        if lines_of_code(function) > FUNCTION_LINES
    }
    assert long == {}


def test_no_function_nests_too_deep() -> None:
    deep = {
        f"{path.relative_to(ROOT)}:{function.name}"
        for path in sources()
        for function in functions(path)
        if depth(function) >= INDENTS
    }
    assert deep == set()


def test_pythons_own_platform_module_is_still_found() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert "switchyard" not in str(platform.__file__)
    assert platform.python_version()


@pytest.mark.parametrize("folder", [ROOT, ROOT / "jobs", Path("/")])
def test_manage_runs_from_any_folder(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(ROOT / "manage.py"), "version"]
    said = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.startswith("5.2")


def test_top_level_is_the_agreed_one() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    folders = {".ci", "docs", "emails", "jobs", "packets", "platform", "tests", "uploads"}
    files = {
        ".gitignore",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "docker-compose.yml",
        "manage.py",
        "pyproject.toml",
        "requirements-dev.txt",
        "requirements.txt",
    }
    assert top == folders | files


@pytest.mark.parametrize("app", ["emails", "packets", "uploads"])
def test_sister_apps_have_the_same_files(app: str) -> None:
    expected = {"admin", "apps", "forms", "kinds", "models", "queries", "urls", "views"}
    assert expected - {path.stem for path in (ROOT / app).iterdir()} == set()
    assert (ROOT / app / "templates" / app).is_dir()


def test_no_file_holds_the_marks_of_a_merge() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    marks = (b"\n<<<<<<< ", b"\n>>>>>>> ")
    holding = [
        name
        for name in tracked.stdout.split("\0")
        if (ROOT / name).is_file() and any(mark in b"\n" + (ROOT / name).read_bytes() for mark in marks)
    ]
    assert holding == []
