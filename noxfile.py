"""Sessions of the house. `make test` runs them with --no-venv inside .venv; plain `nox` makes its own."""

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
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    install(session)
    if session.virtualenv.venv_backend != "none":
        session.install("-r", "requirements/bench.txt")
    session.run("python", "tests/bench/check_items.py", *session.posargs)
