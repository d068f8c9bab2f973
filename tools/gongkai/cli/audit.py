"""`gongkai audit` and `gongkai evidence`: everybody can check what was published, and how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from gongkai.cli.checkpoints import countersign, read_named, watched
from gongkai.cli.door import Door
from gongkai.evidence.chain import Link, Proof, as_data
from gongkai.evidence.ledger import LEDGER
from gongkai.gate.audit import Audit, Fault, audit
from gongkai.gate.proof import prove_item
from gongkai.gate.verified import Keeping, cache_for
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, Words, msg
from gongkai.report.escape import json_text, terminal, visible

STOP = msg("publish nothing; keep the repository as it is, and compare it with a backup or another clone")
KINDS = {
    "received": msg("received"), "approved": msg("approved"), "returned": msg("returned"),
    "cancelled": msg("taken back"), "accepted": msg("accepted"), "published": msg("published"),
    "genesis": msg("genesis"), "confirmed": msg("confirmed by the second review"),
    "objected": msg("refused by the second review"), "lapsed": msg("second review not done in time"),
    "withdrawn": msg("withdrawn by the gate"), "revoked": msg("key revoked"), "clock": msg("clock accepted"),
}  # fmt: skip


@click.group("audit", invoke_without_command=True)
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    help="服务器仓库或其克隆 / a server or a clone (default: --root)",
)
@click.option(
    "--since",
    metavar="REV",
    default="",
    help="此前的不再重核 / judge only what came after this event or commit",
)
@click.option(
    "--full",
    is_flag=True,
    help="从头核验，不接着上次 / judge all again, not only what came since the last audit here",
)
@click.option(
    "--genesis", metavar="ID", default="", help="另行得知的台账起点 / the genesis id you know from elsewhere"
)
@click.option(
    "--checkpoint",
    metavar="URL|FILE",
    default="",
    help="以前保存的检查点 / checkpoints kept from before, or the portal's",
)
@click.option(
    "--publisher",
    type=click.Path(path_type=Path),
    help="发布端的公钥 / the publisher's public key, to verify them",
)
@click.option(
    "--max-age",
    type=click.IntRange(0),
    metavar="DAYS",
    help="最新的检查点最多几天 / fail when the newest is older",
)
@click.option(
    "--ledger",
    metavar="REF",
    default=LEDGER,
    help="台账所在的引用；代码平台上是 refs/heads/gongkai-ledger / the ledger's ref, on a forge a branch",
)
@click.option("--no-fetch", is_flag=True, help="不从服务器取新内容 / do not ask the server for news")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def audit_command(
    context: click.Context,
    repo: Path | None,
    since: str,
    ledger: str,
    full: bool,
    genesis: str,
    checkpoint: str,
    publisher: Path | None,
    max_age: int | None,
    no_fetch: bool,
    format_: str,
) -> None:
    """核验台账 / Judge again everything that ever reached main; names the first thing that does not hold."""
    door: Door = context.obj
    if context.invoked_subcommand:
        return
    kept, folder = read_named(checkpoint, publisher, max_age), repo or door.root
    if full and since:
        raise GongkaiError(msg("--full judges all, --since not all: name one of them"))
    found = audit(
        folder,
        genesis=genesis,
        since=since,
        fetch=not no_fetch,
        watch=watched,
        against=kept.against,
        ledger=ledger,
        keeping=None if since else Keeping(cache_for(folder), door.now(), again=full),
    )
    click.echo(json_text(_data(door, found)) if format_ == "json" else _text(door, found))
    for remark in found.remarks:
        door.tell(msg("note: {says}", says=remark))
    says = [_where(found.fault)] if found.fault else [*kept.faults(door)]
    for fault in says:
        door.tell(msg("the audit failed: {says}", says=fault))
    if says:
        door.tell(msg("  → {hint}", hint=STOP))
        raise SystemExit(Exit.FINDINGS)
    for remark in kept.remarks(door):
        door.tell(remark)
    door.tell(
        msg("everything on main was approved as the rules of its day asked; {events} events judged again",
            events=found.events - found.since - 1)
    )  # fmt: skip


audit_command.add_command(countersign)


def _where(fault: Fault) -> Message:
    if fault.event is None:
        return msg("{says} (commit {commit})", says=fault.says, commit=fault.commit[:12])
    return msg(
        "event {number} ({kind}, {commit}): {says}",
        number=fault.event, kind=KINDS.get(fault.kind, fault.kind or "?"), commit=fault.commit[:12], says=fault.says,
    )  # fmt: skip


def _text(door: Door, found: Audit) -> str:
    rows = (
        (msg("genesis"), found.genesis),
        (msg("ledger"), found.ledger),
        (msg("main"), found.main),
        (msg("events"), str(found.events)),
        (msg("acceptances"), str(found.accepted)),
        (msg("releases"), str(found.published)),
        (msg("submissions vouched for by the server only"), str(found.vouched)),
        (msg("judged"), door.say(_extent(found))),
    )
    return "\n".join(f"{door.say(name)}\t{terminal(value)}" for name, value in rows)


def _extent(found: Audit) -> Message:
    """How much was judged this time."""
    if found.verified:
        return msg("from event {number}, verified on {day}", number=found.since, day=_clock(found.verified))
    if found.since >= 0:
        return msg("from event {number}, as asked with --since", number=found.since)
    return msg("from the beginning")


def _data(door: Door, found: Audit) -> dict[str, object]:
    fault = found.fault and {
        "event": found.fault.event,
        "kind": found.fault.kind,
        "commit": found.fault.commit,
        "message": visible(door.say(found.fault.says)),
        "hint": door.say(STOP),
    }
    return {
        "schema_version": 1, "sound": found.fault is None, "genesis": found.genesis, "ledger": found.ledger,
        "main": found.main, "events": found.events, "accepted": found.accepted, "published": found.published,
        "vouched": found.vouched, "judged_after": found.since,
        "verified": found.verified or None, "fault": fault,
        "remarks": [door.say(r) for r in found.remarks],
    }  # fmt: skip


@click.command()
@click.argument("item", metavar="ID")
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    help="服务器仓库或其克隆 / a server or a clone (default: --root)",
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def evidence(door: Door, item: str, repo: Path | None, format_: str) -> None:
    """一条信息的来历 / Who handed an item in, who approved which bytes, when it was published."""
    proof = prove_item(repo or door.root, item)
    if format_ == "json":
        click.echo(json_text(as_data(proof)))
    else:
        click.echo("\n".join(terminal(line) for line in _told(door, proof)))
    door.tell(msg("`gongkai audit` verifies the ledger that this was read from"))


def _told(door: Door, proof: Proof) -> Iterator[str]:
    yield proof.item
    if proof.from_genesis:
        yield door.say(
            msg("was part of the portal when the ledger began (genesis {id})", id=proof.genesis[:12])
        )
    for link in proof.chain:
        yield f"{_clock(link.time)}  {door.say(_headline(door, link))}"
        yield from (f"    {line}" for line in _details(door, link))
    facts = proof.facts
    if facts.published is None:
        yield door.say(msg("not published yet"))


def _clock(time: str) -> str:
    return datetime.fromisoformat(time).isoformat(sep=" ", timespec="seconds")


def _headline(door: Door, link: Link) -> Message:
    kind = KINDS[link.kind]
    who = _words(door, link.role) or _words(door, link.department)
    if link.kind == "published":
        return msg("{kind}, index number {number}", kind=kind, number=link.index_number)
    if link.kind == "accepted":
        return msg(
            "{kind}: {submission}, version {version}",
            kind=kind,
            submission=link.submission,
            version=link.version,
        )
    said = msg("{kind}: {submission}, version {version}, by {who}", kind=kind, submission=link.submission,
               version=link.version, who=f"{who} ({link.person})" if link.person else who or "-")  # fmt: skip
    return msg("{says}, step {step}", says=said, step=_words(door, link.step_title)) if link.step else said


def _words(door: Door, words: Words) -> str:
    return words.in_language(door.lang)


def _details(door: Door, link: Link) -> Iterator[str]:
    if link.kind == "received":
        for row in link.files:
            yield f"{row.path}  sha256 {row.sha256 or '-'}"
        if link.identity == "server":
            yield door.say(msg("vouched for by the server's account, not signed"))
    if link.identity == "forge":
        yield door.say(msg("by an account of the forge, not signed"))
    if link.change:
        yield door.say(msg("content (digest) {digest}", digest=link.change))
    if link.policy:
        yield door.say(msg("rules (digest) {digest}, settings of commit {commit}",
                           digest=link.policy, commit=link.settings[:12]))  # fmt: skip
    if link.statement:
        yield door.say(msg("signed statement (SHA-256) {digest}", digest=link.statement))
    if link.reason:
        yield door.say(msg("reason: {reason}", reason=link.reason))
    if link.kind == "accepted":
        yield door.say(msg("commit {commit}, on the approvals of the events {events}",
                           commit=link.commit, events=", ".join(map(str, link.approvals))))  # fmt: skip
