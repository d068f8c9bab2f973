"""The child that opens strangers' files: walls, clocks, and nothing left behind."""

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from files import docx
from make_hostile import HOSTILE

from gongkai.attachments.desk import Readings
from gongkai.store.office import convert
from gongkai.store.sandbox import Failure, Sandbox

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """All temporary folders of this test lie here."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def entry(tmp_path, monkeypatch, temporary):
    """A sandbox whose child runs the given function body instead of a reader."""
    made = []

    def make(body, **limits):
        name = f"entry_{len(made)}_{os.getpid()}"
        lines = textwrap.indent(textwrap.dedent(body), "    ")
        (tmp_path / f"{name}.py").write_text(f"import os, sys, time\ndef answer(name, raw):\n{lines}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        made.append(Sandbox(f"{name}:answer", **limits))
        return made[-1]

    yield make
    for sandbox in made:
        sandbox.close()


def _processes_in(folder):
    """Processes whose working folder lies below this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "cwd").readlink()).startswith(str(folder)):
                found.append(process.name)
        except OSError:
            continue
    return found


def _gone(folder):
    """Whether no process is left there; one that was killed may take a moment to end."""
    deadline = time.monotonic() + 5
    while _processes_in(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return _processes_in(folder) == []


def test_an_answer_comes_back_whole(entry):
    sandbox = entry("return name.encode() + raw[::-1]")
    raw = os.urandom(3_000_000)
    assert sandbox.ask("水", raw) == "水".encode() + raw[::-1]
    assert sandbox.ask("b", b"12") == b"b21"
    assert sandbox.started == 1


def test_a_child_that_hangs_is_stopped_by_the_clock(entry, temporary):
    sandbox = entry("while True: time.sleep(1)", seconds=1)
    started = time.monotonic()
    assert sandbox.ask("a", b"") == Failure("time")
    assert time.monotonic() - started < 4
    assert _processes_in(temporary) == [] and list(temporary.iterdir()) == []


def test_a_child_that_computes_without_end_is_stopped(entry):
    assert entry("while True: pass", seconds=1).ask("a", b"").reason == "time"


def test_a_crash_is_a_value_and_the_next_file_is_read(entry):
    sandbox = entry("import ctypes\nreturn b'ok' if raw else ctypes.string_at(0)")
    assert sandbox.ask("a", b"").reason == "crash"
    assert sandbox.ask("a", b"1") == b"ok"
    assert sandbox.started == 2


def test_a_child_that_ends_between_two_files_is_replaced(entry):
    sandbox = entry("return str(os.getpid()).encode()")
    first = int(sandbox.ask("a", b""))
    os.kill(first, signal.SIGKILL)
    time.sleep(0.1)
    assert int(sandbox.ask("a", b"")) != first


def test_memory_is_bounded(entry):
    sandbox = entry("data = bytearray(2_000_000_000)\nreturn b''")
    assert sandbox.ask("a", b"") == Failure("memory")


def test_an_endless_answer_is_refused(entry):
    assert entry("return bytes(70_000_000)").ask("a", b"") == Failure("long")


@pytest.mark.parametrize(
    "body",
    [
        "open('/etc/hostname').read()",
        "open(raw.decode(), 'w')",
        "os.open(raw.decode(), os.O_CREAT | os.O_WRONLY)",
        "os.mkdir(raw.decode())",
        "os.rename('x', raw.decode())",
        "import subprocess; subprocess.run(['true'])",
        "os.system('true')",
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "import socket; socket.socket()",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
    ],
)
def test_what_a_reader_has_no_need_of_is_refused(body, entry, tmp_path):
    outside = tmp_path / "outside.txt"
    said = entry(f"{body}\nreturn b'done'").ask("a", str(outside).encode())
    assert said in (Failure("crash", "PermissionError"), Failure("crash", "URLError"))
    assert not outside.exists()


def test_its_own_folder_is_open_to_it_and_goes_with_it(entry, temporary):
    sandbox = entry("open('mine.txt', 'w').write('x')\nreturn os.getcwd().encode()")
    folder = Path(sandbox.ask("a", b"").decode())
    assert folder.parent == temporary and (folder / "mine.txt").exists()
    sandbox.close()
    assert not folder.exists()


@LINUX
def test_machine_code_reaches_no_network_either(entry):
    """A parser taken over by a file need not ask Python: here libc is called by itself."""
    if subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system permits no network namespaces")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        sandbox = entry(
            f"""
            import ctypes, struct
            libc = ctypes.CDLL(None, use_errno=True)
            address = struct.pack("<H", 2) + struct.pack(">H", {port}) + bytes([127, 0, 0, 1]) + bytes(8)
            return str(libc.connect(libc.socket(2, 1, 0), address, 16)).encode()
            """
        )
        assert sandbox.ask("a", b"") == b"-1"
        server.settimeout(0.3)
        with pytest.raises(TimeoutError):
            server.accept()


@LINUX
@pytest.mark.parametrize("end", ["pass", "os.kill(os.getpid(), 9)", "raise SystemExit(1)", "os._exit(0)"])
def test_no_process_is_left_however_the_parent_ends(end, tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    code = (
        "import os, sys; from gongkai.attachments.desk import Readings; r = Readings(); raw = open(sys.argv[1], 'rb').read()\n"
        f"print(r.reading('a', len(raw), lambda: raw, 'a.docx').kind, r.sandbox.started, flush=True)\n{end}"
    )
    file = tmp_path / "a.docx"
    file.write_bytes(docx())
    env = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code, file], capture_output=True, text=True, env=env, check=False
    )
    assert done.stdout.split() == ["docx", "1"]
    assert _gone(folder)


def test_reading_hostile_files_touches_nothing_but_the_temporary_folder(tmp_path, temporary, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    readings = Readings()
    for name in (
        "leads-out.zip",
        "leads-out.docx",
        "linked.zip",
        "entity.xlsx",
        "template.docx",
        "launch.pdf",
        "package.docx",
    ):
        raw = HOSTILE[name][1]()
        readings.reading(name, len(raw), lambda data=raw: data, name)
    assert len(list(temporary.iterdir())) <= 1
    readings.close()
    assert list(temporary.iterdir()) == list(home.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home", "tmp"]


def _stand_in(folder, body):
    """A program called soffice; what it is called with lies in `call`."""
    program = folder / "soffice"
    program.write_text(
        f"#!{sys.executable}\nimport sys, time, subprocess, pathlib\n{textwrap.dedent(body)}\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


CONVERTS = """
args = sys.argv[1:]
out = pathlib.Path(args[args.index("--outdir") + 1])
kind = args[args.index("--convert-to") + 1]
source = pathlib.Path(args[-1])
assert "--headless" in args and any(a.startswith("-env:UserInstallation=") for a in args)
assert source.parent == out == pathlib.Path.cwd() and source.read_bytes()[:4] == bytes([0xD0, 0xCF, 0x11, 0xE0])
(out / f"{source.stem}.{kind}").write_bytes(pathlib.Path(r"FILE").read_bytes())
"""


def test_an_old_word_file_is_read_through_libreoffice_where_it_is_installed(tmp_path, monkeypatch, temporary):
    (tmp_path / "made.docx").write_bytes(docx())
    _stand_in(tmp_path, CONVERTS.replace("FILE", str(tmp_path / "made.docx")))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    raw = HOSTILE["old.doc"][1]()
    readings = Readings()
    reading = readings.reading("a", len(raw), lambda: raw, "old.doc")
    readings.close()
    assert (reading.kind, reading.traits) == ("doc", ())
    assert "二号渡口" in reading.parts[0].text
    assert list(temporary.iterdir()) == []


@LINUX
def test_a_converter_that_hangs_is_ended_with_all_it_started(tmp_path, monkeypatch, temporary):
    _stand_in(tmp_path, "subprocess.Popen(['sleep', '60']); time.sleep(60)")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    started = time.monotonic()
    assert convert(b"x", "doc", "docx", seconds=1) is None
    assert time.monotonic() - started < 5
    assert _gone(temporary) and list(temporary.iterdir()) == []


def test_without_libreoffice_an_old_file_keeps_the_trait_that_it_was_not_read(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    raw = HOSTILE["old.doc"][1]()
    readings = Readings()
    assert readings.reading("a", len(raw), lambda: raw, "old.doc").has("old")
    readings.close()
