"""From a save to the new text in the browser: a real `gongkai preview`, an item saved N times, the page fetched when told.

    python tests/bench/make_portal.py 10000 /tmp/p10000
    python tests/bench/preview_latency.py /tmp/p10000 [--saves 50]

Measured is the time from the end of the write until the event has come and the page with the new text has been read.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from queue import Queue


def begin(root: Path) -> tuple[subprocess.Popen[str], int, float]:
    """The server, its port, and the seconds until it was there."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "gongkai", "--root", str(root), "preview"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    return server, int(address.rsplit(":", 1)[1].strip("/")), time.perf_counter() - start


def listen(port: int, heard: Queue[int]) -> None:
    """Put the number of each event into the queue, as a browser would hear it."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/_gongkai/events?since=0")
    answer = connection.getresponse()
    while line := answer.readline():
        if line.startswith(b"data: "):
            heard.put(int(line[6:]))


def page(port: int, path: str) -> str:
    """The page as the browser reads it."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    return connection.getresponse().read().decode()


def save(file: Path, text: str) -> None:
    """As careful editors save: beside the file, then over it."""
    beside = file.with_suffix(".tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def measure(root: Path, port: int, saves: int) -> list[float]:
    """Seconds for each save; a different item each time."""
    heard: Queue[int] = Queue()
    threading.Thread(target=listen, args=(port, heard), daemon=True).start()
    heard.get(timeout=10)
    files = sorted(root.glob("content/*/*/*.md"))
    found = []
    for n in range(saves):
        file = files[n * len(files) // saves]
        department, year, serial = file.stem.rsplit("-", 2)
        text, mark = file.read_text(encoding="utf-8"), f"预览第{n}次保存{os.getpid()}"
        time.sleep(0.3)
        while not heard.empty():
            heard.get()
        save(file, f"{text}\n{mark}\n")
        start = time.perf_counter()
        heard.get(timeout=30)
        while mark not in page(port, f"/{department}/{year}/{serial}.html"):
            heard.get(timeout=30)
        found.append(time.perf_counter() - start)
        save(file, text)
        heard.get(timeout=30)
    return found


def main() -> None:
    """Measure, and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--saves", type=int, default=50)
    options = parser.parse_args()
    server, port, ready = begin(options.root)
    try:
        found = sorted(measure(options.root, port, options.saves))
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(10)
    items = sum(1 for _ in options.root.glob("content/*/*/*.md"))
    values = {"median": statistics.median(found), "p95": found[int(len(found) * 0.95)], "most": found[-1]}
    print(
        json.dumps(
            {
                "items": items,
                "saves": len(found),
                "ready": round(ready, 2),
                **{k: round(v, 3) for k, v in values.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
