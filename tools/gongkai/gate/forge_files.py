"""The files that a forge reads: the gate's workflows, and CODEOWNERS made of departments, people and review levels.

CODEOWNERS asks the right people; it decides nothing. What decides is the required job. GitHub and Forgejo are content
with one owner of several, and know no department of a step; only GitLab's sections come near what review.yml says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gongkai import __version__
from gongkai.evidence.policy import Policy, read_policy
from gongkai.gate.forge_accounts import Accounts, accounts_of
from gongkai.items.config import read_settings
from gongkai.model.evidence import Step
from gongkai.schema.library import read_types
from gongkai.store.tree import Tree

TEMPLATES = Path(__file__).parent / "forge_templates"
WORKFLOWS = {
    "github": {f".github/workflows/gongkai-{n}.yml": f"github/{n}.yml" for n in ("check", "gate", "record")},
    "forgejo": {
        f".forgejo/workflows/gongkai-{n}.yml": f"forgejo/{n}.yml" for n in ("check", "gate", "record")
    },
    "gitlab": {".gitlab-ci.yml": "gitlab/gitlab-ci.yml"},
}
OWNERS = {"github": ".github/CODEOWNERS", "gitlab": ".gitlab/CODEOWNERS", "forgejo": "CODEOWNERS"}
"""Gitea and Forgejo both look at the top; elsewhere they differ."""
REQUIREMENTS = "gongkai-requirements.txt"
_HEADER = (
    "# Made by `gongkai gate files` from people.yml, departments.yml and review.yml; make it again when they change.",
    "# It asks for reviews. Whether they suffice is decided by the job gongkai-gate.",
)


@dataclass(frozen=True)
class Owned:
    """A part of the portal and who looks after it: a name, the folder (empty: everything), steps with their accounts."""

    name: str
    folder: str
    steps: tuple[tuple[str, tuple[str, ...]], ...]
    always: frozenset[str]
    """The steps that every type of item needs."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """Everybody's accounts, once."""
        return tuple(dict.fromkeys(a for _, accounts in self.steps for a in accounts))


def files_for(forge: str, tree: Tree, now: datetime) -> dict[str, str]:
    """The files of a forge by their path in the portal, for the people in office at `now`."""
    texts = {path: _filled(name) for path, name in WORKFLOWS[forge].items()}
    settings = read_settings(tree)[0]
    policy = read_policy(settings, read_types(tree).types)
    accounts = accounts_of(settings, forge)
    departments = [d.code for d in settings.departments.values() if not d.abolished]
    owned = tuple(_owned(policy, accounts, departments, now))
    texts[OWNERS[forge]] = "\n".join((*_HEADER, *_FORMS[forge](owned))) + "\n"
    texts[REQUIREMENTS] = _template("requirements.txt").replace("@VERSION@", __version__)
    return texts


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _filled(name: str) -> str:
    """A workflow with its pieces of shell put in, indented as the line that names them."""
    folder = name.partition("/")[0]
    pieces = {"@FETCH@": f"{folder}/fetch.sh", "@INSTALL@": "install.sh", "@PAGES@": f"{folder}/pages.sh"}
    lines: list[str] = []
    indent = ""
    for line in _template(name).splitlines():
        if line.strip() in pieces:
            piece = _template(pieces[line.strip()]).splitlines()
            lines.extend(f"{indent}{row}" for row in piece)
        else:
            lines.append(line)
            indent = _below(line)
    return "\n".join(lines) + "\n"


def _below(line: str) -> str:
    """The indentation of a block that stands below a line."""
    own = line[: len(line) - len(line.lstrip())]
    return own + "  " if line.rstrip().endswith("|") else own


def _owned(policy: Policy, accounts: Accounts, departments: Iterable[str], now: datetime) -> Iterator[Owned]:
    """Settings and everything else first, then each department: where a forge takes the last match, that one counts."""
    administrators = _accounts(policy, accounts, Step("administrator", "administrator"), now)
    yield Owned("settings", "", (("administrators", administrators),), frozenset({"administrators"}))
    for department in departments:
        steps = [s for s in _steps(policy, department) if not s.department or s.department == department]
        rows = ((s.code, _accounts(policy, accounts, s, now)) for s in steps)
        yield Owned(department, f"content/{department}/", tuple(rows), _always(policy, department))


def _steps(policy: Policy, department: str) -> tuple[Step, ...]:
    """Every step that an item of the department may need, of whatever type."""
    return policy.steps((kind, department) for kind in sorted(policy.types))


def _always(policy: Policy, department: str) -> frozenset[str]:
    each = [{s.code for s in policy.steps([(kind, department)])} for kind in policy.types]
    return frozenset(set.intersection(*each)) if each else frozenset()


def _accounts(policy: Policy, accounts: Accounts, step: Step, now: datetime) -> tuple[str, ...]:
    found = (accounts.account(code) for code in sorted(policy.people) if policy.may(code, step, now))
    return tuple(filter(None, found))


def _github(owned: Iterable[Owned]) -> Iterator[str]:
    """Patterns as in .gitignore; the last that matches counts, and any one of its owners satisfies it."""
    for part in owned:
        yield from _line(part, f"/{part.folder}" if part.folder else "*", part.accounts)


def _forgejo(owned: Iterable[Owned]) -> Iterator[str]:
    """Regular expressions of Go over the whole path; every line that matches asks its owners."""
    for part in owned:
        yield from _line(part, f"{part.folder}.*" if part.folder else "!content/.*", part.accounts)


def _gitlab(owned: Iterable[Owned]) -> Iterator[str]:
    """A section for each step of each part; it must be approved when every type of item needs the step (no `^`)."""
    for part in owned:
        if not part.accounts:
            yield from _line(part, "", ())
        for step, accounts in part.steps:
            if accounts:
                yield f"{'' if step in part.always else '^'}[{part.name} {step}]"
                yield from _line(part, f"/{part.folder}" if part.folder else "*", accounts)
                # An exclusion makes everything but the departments' folders the administrators' part.
                yield from () if part.folder else ("!/content/",)


def _line(part: Owned, pattern: str, accounts: Iterable[str]) -> Iterator[str]:
    """One rule; a comment when nobody has an account (GitLab reads names in comments too, so none stand there)."""
    names = " ".join(f"@{name}" for name in accounts)
    yield f"{pattern} {names}" if names else f"# {part.name}: nobody has an account here yet"


_FORMS: Mapping[str, Callable[[Iterable[Owned]], Iterator[str]]] = {
    "github": _github, "gitlab": _gitlab, "forgejo": _forgejo,
}  # fmt: skip
