"""Sessions of the house. `make test` runs them with --no-venv inside .venv; plain `nox` makes its own."""

import os
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.sessions = ["lint", "types", "imports", "tests"]


def install(session: nox.Session) -> None:
    if session.virtualenv.venv_backend != "none":
        session.install(
            "-r", "requirements/build.txt", "-r", "requirements/run.txt", "-r", "requirements/test.txt"
        )
        session.install("--no-deps", "--no-build-isolation", "--editable", ".")


@nox.session
def lint(session: nox.Session) -> None:
    install(session)
    session.run("ruff", "check", "tools", "tests", "noxfile.py")
    session.run("ruff", "format", "--check", "tools", "tests", "noxfile.py")


@nox.session
def types(session: nox.Session) -> None:
    install(session)
    session.run("mypy")


@nox.session
def imports(session: nox.Session) -> None:
    install(session)
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    install(session)
    session.run("pytest", "-n", "2", *in_memory(), *session.posargs)


def in_memory() -> list[str]:
    """Hundreds of git repositories wait for the disk; where there is room they are made in memory instead."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 3_000_000_000:
        return [f"--basetemp={memory}/gongkai-tests-{os.getpid()}"]
    return []


@nox.session
def bench(session: nox.Session) -> None:
    install(session)
    if session.virtualenv.venv_backend != "none":
        session.install("-r", "requirements/bench.txt")
    # `nox -s bench -- peers --growth 1000,10000 --write` runs one of them with options of its own.
    if session.posargs:
        name, *options = session.posargs
        session.run("python", f"tests/bench/{name}.py", *options)
        return
    for name in ("check_items", "guard_speed", "gate_speed"):
        session.run("python", f"tests/bench/{name}.py")
    session.run("python", "tests/bench/peers.py", "--write", "--slow-rounds", "3")
