"""What is handed out: one version, archives with everything in them, and a wheel that works on its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOCS = ROOT / "programs" / "docs"


def run(*command: object, folder: Path) -> str:
    """What a command says; without the checkout on Python's path, and it has to succeed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def data_files() -> set[str]:
    """Every file that is no code and belongs to a package, as git knows them."""
    listed = run("git", "ls-files", "rasp", "compiler", "runtime", "programs", folder=ROOT).splitlines()
    return {name for name in listed if not name.endswith(".py") and name.count("/") and not own_notes(name)}


def own_notes(name: str) -> bool:
    """What is read in the checkout only: a package's account of its rooms, and how the site is built."""
    return name.endswith(("rasp/README.md", "compiler/README.md", "runtime/README.md", "mkdocs.yml"))


def test_the_version_comes_from_one_place() -> None:
    assert version("rasp-compiler") == PROJECT["version"]
    code = (file for package in ("rasp", "compiler", "runtime") for file in (ROOT / package).rglob("*.py"))
    assert not [
        file for file in code if re.search(rf"version\w* = \"{PROJECT['version']}\"", file.read_text())
    ]


def test_citation_and_changes_know_the_version() -> None:
    assert f"\nversion: {PROJECT['version']}\n" in (DOCS / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## {PROJECT['version']}\n" in (DOCS / "changelog.md").read_text(encoding="utf-8")


def test_lowest_versions_are_named() -> None:
    assert [need for need in PROJECT["dependencies"] if not re.fullmatch(r"[\w-]+>=[\d.]+", need)] == []


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the source archive, built from a copy of what git knows."""
    folder = tmp_path_factory.mktemp("release")
    copy = folder / "source"
    copy.mkdir()
    for name in run("git", "ls-files", folder=ROOT).splitlines():
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "venv", folder / "tools", folder=folder)
    python = folder / "tools" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "build", folder=folder)
    run(python, "-m", "build", "-o", folder / "dist", copy, folder=folder)
    return folder / "dist"


@pytest.mark.slow
def test_both_archives_hold_every_data_file(archives: Path) -> None:
    (wheel,), (source,) = archives.glob("*.whl"), archives.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as opened:
        assert data_files() - set(opened.namelist()) == set()
    with tarfile.open(source) as opened_source:
        names = {name.partition("/")[2] for name in opened_source.getnames()}
    assert data_files() - names == set()


@pytest.mark.slow
def test_the_wheel_works_without_the_checkout(archives: Path, tmp_path: Path) -> None:
    """The README's first command, with the wheel in the place of the checkout."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.findall(r"^```sh\n(.*?)^```", readme, flags=re.MULTILINE | re.DOTALL)[0]
    (wheel,) = archives.glob("*.whl")
    assert "pip install -q ." in block
    told = run("bash", "-c", block.replace("pip install -q .", f"pip install -q {wheel}"), folder=tmp_path)
    assert "[1, 1, 2, 3]" in told
    assert "equal on all" in told


@pytest.mark.slow
def test_the_site_is_built(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    pytest.importorskip("material")
    config = ROOT / "programs" / "mkdocs.yml"
    run(
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "-q",
        "--strict",
        "-f",
        config,
        "-d",
        tmp_path / "site",
        folder=tmp_path,
    )
    assert (tmp_path / "site" / "how-to" / "verify.html").exists()
