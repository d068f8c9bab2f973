"""A release on another host: only what changed goes there, lists last, and a run that was killed is finished by the next."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.release.conftest import Publisher
from tests.release.visitors import free_port

from gongkai.cli.main import cli
from gongkai.cli.sending import public_headers
from gongkai.model.delivery import FOREVER, PAGE, cache_control, content_type, stage
from gongkai.model.errors import GongkaiError
from gongkai.model.message import english
from gongkai.release.manifest import entry, read_manifest
from gongkai.release.sending import RECORD, look, plan, read_record, send
from gongkai.store.durable import files_of
from gongkai.store.remote_rsync import RsyncTarget

NEW = "tide-2026-00001"
needs_rsync = pytest.mark.skipif(
    not shutil.which("rsync") and not os.environ.get("GONGKAI_RSYNC_REQUIRED"),
    reason="rsync is not installed",
)


def gongkai(*args: object) -> Result:
    return CliRunner().invoke(cli, ["--lang", "en", *map(str, args)])


def sent(publisher: Publisher, to: object, *more: object) -> list[str]:
    done = gongkai("send", "--from", publisher.site, "--to", to, *more)
    assert done.exit_code == 0, done.stderr
    return done.stdout.splitlines()


def differs(publisher: Publisher, there: Mapping[str, bytes]) -> list[str]:
    """The paths at which a host shows something else than the release."""
    here = {path: file.read_bytes() for path, file in files_of(publisher.site.resolve())}
    return sorted(
        path for path in here.keys() | (there.keys() - {RECORD}) if here.get(path) != there.get(path)
    )


def on_disk(folder: Path) -> dict[str, bytes]:
    return {path: file.read_bytes() for path, file in files_of(folder)}


class Shelf:
    """A target in a folder that writes down what is asked of it, and breaks down when it is told to."""

    def __init__(self, folder: Path, breaks_after: int = 10**9) -> None:
        self.folder, self.left, self.acts = folder, breaks_after, []
        folder.mkdir(exist_ok=True)

    def _act(self, kind: str, path: str) -> None:
        if self.left <= 0:
            raise KeyboardInterrupt
        self.left -= 1
        self.acts.append((kind, path))

    def recall(self, name: str) -> bytes | None:
        return (self.folder / name).read_bytes() if (self.folder / name).exists() else None

    def remember(self, name: str, data: bytes) -> None:
        self._act("remember", name)
        (self.folder / name).write_bytes(data)

    def sizes(self) -> None:
        return None

    def put(self, folder: Path, paths: Sequence[str]) -> None:
        for path in paths:
            self._act("put", path)
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / path, self.folder / path)

    def take_away(self, paths: Sequence[str], folders: Sequence[str]) -> None:
        for path in paths:
            self._act("take", path)
            (self.folder / path).unlink(missing_ok=True)
        for folder in folders:
            if (self.folder / folder).exists():
                (self.folder / folder).rmdir()


def carry(publisher: Publisher, shelf: Any) -> None:
    entries = read_manifest(publisher.site.resolve().parent)
    wanted, former = look(shelf, entries)
    send(publisher.site.resolve(), entries, shelf, wanted, former, publisher.said.append)


def test_what_is_pointed_to_goes_before_what_points_to_it_and_removed_files_last(
    publisher: Publisher, tmp_path: Path
):
    shelf = Shelf(tmp_path / "shelf")
    old = publisher.site / "tide" / "2025" / "00099"
    old.mkdir(parents=True)
    (old / "gone.txt").write_text("gone")
    release = publisher.site.resolve().parent
    data = json.loads((release / "manifest.json").read_text())
    gone = entry("tide/2025/00099/gone.txt", b"gone")
    data["files"].append({"path": gone.path, "size": gone.size, "sha256": gone.sha256})
    (release / "manifest.json").write_text(json.dumps(data))
    carry(publisher, shelf)
    publisher.accept(NEW)
    publisher.publish()
    shelf.acts.clear()
    carry(publisher, shelf)
    acts = [path for kind, path in shelf.acts if kind == "put"]
    assert {"tide/2026/00001.html", "tide/2026/00001.json"} <= {path for path in acts if stage(path) == 0}
    assert acts[-1] in {"index.html", "sitemap.xml"}
    assert (
        acts.index("index.html")
        > acts.index("columns/dynamics/index.html")
        > acts.index("tide/2026/00001.html")
    )
    assert [stage(path) for path in acts] == sorted(map(stage, acts))
    assert shelf.acts[0] == ("remember", RECORD)
    assert shelf.acts[-2:] == [("take", gone.path), ("remember", RECORD)]
    assert not (shelf.folder / "tide/2025/00099").exists() and differs(publisher, on_disk(shelf.folder)) == []
    shelf.acts.clear()
    carry(publisher, shelf)
    assert shelf.acts == []


def test_killed_at_any_instant_the_next_run_finishes_it(publisher: Publisher, tmp_path: Path):
    carry(publisher, Shelf(tmp_path / "start"))
    publisher.accept(NEW)
    publisher.publish()
    acts = Shelf(Path(shutil.copytree(tmp_path / "start", tmp_path / "whole")))
    carry(publisher, acts)
    assert len(acts.acts) > 20
    for instant in range(0, len(acts.acts), 5):
        folder = Path(shutil.copytree(tmp_path / "start", tmp_path / "killed"))
        with pytest.raises(KeyboardInterrupt):
            carry(publisher, Shelf(folder, instant))
        carry(publisher, Shelf(folder))
        assert differs(publisher, on_disk(folder)) == []
        shutil.rmtree(folder)


def test_what_a_killed_run_sent_of_a_release_that_was_taken_back_goes_too(
    publisher: Publisher, tmp_path: Path
):
    carry(publisher, Shelf(tmp_path / "shelf"))
    publisher.accept(NEW)
    publisher.publish()
    with pytest.raises(KeyboardInterrupt):
        carry(publisher, Shelf(tmp_path / "shelf", 6))
    assert (tmp_path / "shelf/tide/2026/00001.html").exists()
    publisher.back()
    carry(publisher, Shelf(tmp_path / "shelf"))
    assert differs(publisher, on_disk(tmp_path / "shelf")) == []


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "a\nb", "", "a/.."])
def test_a_record_that_names_what_is_not_ours_is_not_believed(path: str):
    with pytest.raises(GongkaiError, match="cannot be read"):
        read_record(json.dumps({"files": {path: "0"}}).encode())


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"files": []}', b"\xff"])
def test_a_record_that_is_none_is_refused(raw: bytes):
    with pytest.raises(GongkaiError):
        read_record(raw)


def test_a_file_that_somebody_took_away_or_cut_there_is_sent_again_where_sizes_are_known():
    entries = {
        e.path: e for e in (entry("a.html", b"one"), entry("b.html", b"two"), entry("c.html", b"three"))
    }
    former = {e.path: e.sha256 for e in entries.values()}
    assert plan(entries, former, None).nothing
    assert [p for rows in plan(entries, former, {"a.html": 3, "b.html": 1}).stages for p in rows] == [
        "b.html",
        "c.html",
    ]


@needs_rsync
def test_rsync_brings_a_release_to_a_folder_and_keeps_it_up_to_date(publisher: Publisher, tmp_path: Path):
    there = tmp_path / "web root"
    there.mkdir()
    (there / "not-ours.txt").write_text("kept")
    assert len(sent(publisher, there)) == publisher.shown.files
    publisher.accept(NEW)
    publisher.publish()
    rows = sent(publisher, there)
    assert "+ tide/2026/00001.html" in rows and not any("2025/00001.html" in row for row in rows)
    assert differs(publisher, {p: d for p, d in on_disk(there).items() if p != "not-ours.txt"}) == []
    assert sent(publisher, there) == []
    publisher.back()
    assert "- tide/2026/00001.html" in sent(publisher, there)
    assert not (there / "tide" / "2026").exists() and (there / "not-ours.txt").read_text() == "kept"
    assert (there / "index.html").stat().st_mode & 0o777 == 0o644


@needs_rsync
def test_what_was_spoilt_there_is_mended_by_all(publisher: Publisher, tmp_path: Path):
    sent(publisher, tmp_path / "web")
    page = tmp_path / "web" / "index.html"
    stamp = page.stat()
    page.write_bytes(page.read_bytes().replace(b"<", b">"))
    os.utime(page, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert sent(publisher, tmp_path / "web") == []
    sent(publisher, tmp_path / "web", "--all")
    assert differs(publisher, on_disk(tmp_path / "web")) == []


@needs_rsync
def test_rsync_works_through_a_shell_of_another_host(publisher: Publisher, tmp_path: Path, monkeypatch):
    """What ssh would do: the program named by RSYNC_RSH gets host and command, and runs it in another folder."""
    shell = tmp_path / "shell"
    shell.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/hosts\nshift\ncd {tmp_path} && exec "$@"\n')
    shell.chmod(0o755)
    monkeypatch.setenv("RSYNC_RSH", str(shell))
    (tmp_path / "far").mkdir()
    sent(publisher, f"web.example:{tmp_path}/far/站点")
    assert differs(publisher, on_disk(tmp_path / "far" / "站点")) == []
    assert set((tmp_path / "hosts").read_text().split()) == {"web.example"}


@needs_rsync
def test_an_rsync_server_takes_a_release(publisher: Publisher, tmp_path: Path):
    port, module = free_port(), tmp_path / "module"
    module.mkdir()
    settings = tmp_path / "rsyncd.conf"
    settings.write_text(
        f"pid file = {tmp_path}/pid\nuse chroot = no\n[web]\npath = {module}\nread only = no\nuid = {os.getuid()}\n"
    )
    server = subprocess.Popen(
        ["rsync", "--daemon", "--no-detach", f"--config={settings}", f"--port={port}", "--address=127.0.0.1"]
    )
    try:
        _wait_for(port)
        sent(publisher, f"rsync://127.0.0.1:{port}/web/portal")
        assert differs(publisher, on_disk(module / "portal")) == []
    finally:
        server.kill()
        server.wait()


def _wait_for(port: int) -> None:
    import socket
    import time

    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not start")


def test_without_rsync_it_says_what_to_install(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GongkaiError) as caught:
        RsyncTarget("/srv/web")
    assert "rsync is not installed" in english(caught.value.says)


@pytest.mark.parametrize(
    "address",
    ["web", "--rsh=evil", "-e", "host:", "ftp://host/x", "rsync://", "/a\nb", "s3://B", "a b:/x"],
)
def test_an_address_of_another_form_is_refused_before_anything_runs(publisher: Publisher, address: str):
    done = gongkai("send", "--from", publisher.site, f"--to={address}")
    assert done.exit_code == 2 and "address" in done.stderr


@needs_rsync
def test_a_host_that_cannot_be_reached_ends_with_three_and_says_how_to_go_on(publisher: Publisher):
    done = gongkai("send", "--from", publisher.site, "--to", f"rsync://127.0.0.1:{free_port()}/web")
    assert done.exit_code == 3 and "goes on where it stopped" in done.stderr


def test_a_release_that_somebody_changed_is_not_sent(publisher: Publisher, tmp_path: Path):
    (publisher.site / "index.html").write_text("<p>changed")
    done = gongkai("send", "--from", publisher.site, "--to", tmp_path / "web")
    assert done.exit_code == 1 and "index.html is not what the manifest says" in done.stderr
    assert not (tmp_path / "web").exists()
    assert gongkai("send", "--from", tmp_path, "--to", tmp_path / "web").exit_code == 2


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    """An S3 server of this machine in a process of its own, with a bucket."""
    port = free_port()
    code = f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"
    server = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def bucket(storage: str, monkeypatch) -> Any:
    """A client of an empty bucket named `portal`."""
    import boto3

    for name, value in (
        ("ACCESS_KEY_ID", "one"),
        ("SECRET_ACCESS_KEY", "very-secret"),
        ("DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    client = boto3.client("s3", endpoint_url=storage)
    client.create_bucket(Bucket="portal")
    yield client
    for row in client.list_objects_v2(Bucket="portal").get("Contents", ()):
        client.delete_object(Bucket="portal", Key=row["Key"])
    client.delete_bucket(Bucket="portal")


def stored(client: Any, prefix: str) -> dict[str, bytes]:
    rows = client.list_objects_v2(Bucket="portal", Prefix=prefix).get("Contents", ())
    return {
        r["Key"].removeprefix(prefix): client.get_object(Bucket="portal", Key=r["Key"])["Body"].read()
        for r in rows
    }


def test_a_bucket_gets_what_changed_with_types_and_times_and_keeps_what_is_not_ours(
    publisher: Publisher, bucket: Any, storage: str
):
    bucket.put_object(Bucket="portal", Key="www/not-ours.txt", Body=b"kept")
    s3 = ("--endpoint", storage)
    assert len(sent(publisher, "s3://portal/www", *s3)) == publisher.shown.files
    head = bucket.head_object(Bucket="portal", Key="www/index.html")
    assert (head["ContentType"], head["CacheControl"]) == ("text/html; charset=utf-8", PAGE)
    style = next(
        path for path, _ in files_of(publisher.site.resolve()) if path.startswith("assets/stylesheets/main.")
    )
    head = bucket.head_object(Bucket="portal", Key=f"www/{style}")
    assert (head["ContentType"], head["CacheControl"]) == ("text/css; charset=utf-8", FOREVER)
    publisher.accept(NEW)
    publisher.publish()
    bucket.delete_object(Bucket="portal", Key="www/search.html")
    dry = sent(publisher, "s3://portal/www", *s3, "--dry-run")
    assert "tide/2026/00001.html" not in stored(bucket, "www/")
    rows = sent(publisher, "s3://portal/www", *s3)
    assert (
        dry == rows
        and {"+ tide/2026/00001.html", "+ search.html"} <= set(rows)
        and "+ about.html" not in rows
    )
    publisher.back()
    assert "- tide/2026/00001.html" in sent(publisher, "s3://portal/www/", *s3)
    there = stored(bucket, "www/")
    assert there.pop("not-ours.txt") == b"kept" and differs(publisher, there) == []
    assert sent(publisher, "s3://portal/www", *s3) == []


def test_a_large_file_goes_in_parts(
    publisher: Publisher, bucket: Any, storage: str, monkeypatch, tmp_path: Path
):
    from gongkai.store import remote_s3

    monkeypatch.setattr(remote_s3, "BIG", 1000)
    target = remote_s3.S3Target("s3://portal/large", public_headers, endpoint=storage)
    (tmp_path / "a.html").write_bytes(b"x" * 20_000_000)
    target.put(tmp_path, ["a.html"])
    assert target.sizes() == {"a.html": 20_000_000}
    assert (
        bucket.head_object(Bucket="portal", Key="large/a.html")["ContentType"] == "text/html; charset=utf-8"
    )


def test_a_bucket_that_is_not_there_is_named_and_no_key_is_told(
    publisher: Publisher, bucket: Any, storage: str
):
    done = gongkai("send", "--from", publisher.site, "--to", "s3://nowhere/x", "--endpoint", storage)
    assert (
        done.exit_code == 3
        and "s3://nowhere/x" in done.stderr
        and "very-secret" not in done.output + done.stderr
    )


def test_without_boto3_it_says_what_to_install(publisher: Publisher, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    done = gongkai("send", "--from", publisher.site, "--to", "s3://portal/x")
    assert done.exit_code == 3 and "gongkai[s3]" in done.stderr


def test_boto3_is_loaded_only_where_a_bucket_is_named():
    code = "import sys, gongkai.cli.sending, gongkai.cli.backup; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("path", "kind", "kept"),
    [
        ("index.html", "text/html; charset=utf-8", PAGE),
        ("search/t/1.bin", "application/octet-stream", PAGE),
        ("tide/2026/00001/a.PDF", "application/pdf", "public, max-age=300"),
        ("assets/x/main.57a0d79d.min.css", "text/css; charset=utf-8", FOREVER),
        ("assets/gongkai/theme.css", "text/css; charset=utf-8", "public, max-age=300"),
        ("feed.json", "application/json; charset=utf-8", PAGE),
        ("atom.xml", "application/xml; charset=utf-8", PAGE),
    ],
)
def test_every_kind_of_file_has_its_type_and_its_time(path: str, kind: str, kept: str):
    assert (content_type(path), cache_control(path)) == (kind, kept)


def test_what_a_browser_would_run_is_saved_from_a_bucket_not_shown():
    assert public_headers("tide/2026/00001/page.HTML")["ContentDisposition"] == "attachment"
    assert "ContentDisposition" not in public_headers("tide/2026/00001.html")
