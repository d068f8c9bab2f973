"""A small portal with one item of each standing, built once by MkDocs itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from gongkai.checks.portal import read_portal
from gongkai.evidence.chain import Record
from gongkai.evidence.earlier import Earlier
from gongkai.items.read import read_item
from gongkai.model.facts import ItemFacts
from gongkai.model.message import msg
from gongkai.portal.build import Built, build
from gongkai.portal.outputs import outputs
from gongkai.portal.pages import make
from gongkai.portal.site import Site
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue
from gongkai.store.files import blob_id
from gongkai.store.tree import FolderTree
from gongkai.store.web import open_server

ROOT = Path(__file__).parents[2]
NOW = "2026-03-02T09:00:00+08:00"
EPOCH = str(int(clock.parse(NOW).timestamp()))
TITLE = "云渡市潮汐预报发布管理办法"


def item(
    identity: str, kind: str, title: str, *lines: str, body: str = "正文。", published: str = "2024-03-12"
) -> str:
    """An item's file; without `published` it is a draft."""
    serial = f"12YD0000TIDE00000X/{published[:4]}-{identity[-5:]}"
    legacy = [f'legacy: {{index_number: "{serial}", first_published_on: "{published}"}}'] if published else []
    department = identity.partition("-")[0]
    head = [
        f"id: {identity}",
        f"type: {kind}",
        f"title: '{title}'",
        f"department: {department}",
        *lines,
        *legacy,
    ]
    return "---\n" + "\n".join(head) + f"\n---\n{body}\n"


POLICY = item(
    "tide-2024-00001",
    "policy",
    f"关于印发《{TITLE}》的通知",
    "document_number: 云潮发〔2024〕3号",
    'document_date: "2024-03-05"',
    'effective_from: "2024-05-01"',
    "validity: valid",
    "issuers: [云渡市潮汐管理局]",
    "genre: notice",
    "normative: true",
    "summary: 规范潮汐预报的制作、审核与发布。",
    "keywords: [潮汐预报, 管理办法]",
    "openness: proactive",
    "secrecy: public",
    "attachments: [{file: 潮汐 表.pdf, title: 二〇二四年潮汐表}]",
    "contact: {name: 潮汐观测科信息员, telephone: 0000-5550102}",
    body="# 第一章 总则\n\n见[解读](doc:tide-2024-00002)、[不存在](doc:tide-2024-09999)、"
    "[通知](../../ferry/2024/ferry-2024-00001.md)、[下文](#第二章-附则)、[附件](潮汐%20表.pdf)。\n\n![灯塔](tide-2024-00001/灯塔.jpg)\n\n"
    "| 站点 | 次数 |\n| --- | ---: |\n| 望潮站 | 24 |\n\n# 第二章 附则\n\n自印发之日起施行。",
)
ITEMS = {
    "tide/2024/tide-2024-00001.md": POLICY,
    "tide/2024/tide-2024-00002.md": item(
        "tide-2024-00002",
        "interpretation",
        f"《{TITLE}》解读",
        "interprets: tide-2024-00001",
        "form: text",
        "interpreter: 潮汐观测科",
    ),
    "ferry/2024/ferry-2024-00001.md": item(
        "ferry-2024-00001",
        "notice",
        "关于调整夜航班次的通知",
        "withdrawal: {reason: 班次有误, explanation: 以新通知为准。}",
    ),
    "ferry/2024/ferry-2024-00002.md": item(
        "ferry-2024-00002",
        "notice",
        "关于春季航线的通知",
        "withdrawal: {reason: 已有新通知, explanation: 见新通知。, replaced_by: ferry-2024-00003}",
    ),
    "ferry/2024/ferry-2024-00003.md": item("ferry-2024-00003", "notice", "关于春季航线的通知（修订）"),
    "ferry/2026/ferry-2026-00001.md": item(
        "ferry-2026-00001",
        "notice",
        "禁止提前看到的通知",
        'publish_at: "2026-03-02T09:00:01+08:00"',
        "attachments: [{file: early.txt, title: 提前的附件}]",
    ),
    "ferry/2026/ferry-2026-00002.md": item(
        "ferry-2026-00002",
        "notice",
        "时刻写错的通知",
        "publish_at: 三月五日上午",
    ),
    "ferry/2026/ferry-2026-00003.md": item(
        "ferry-2026-00003", "notice", "不予公开的通知", "openness: withheld"
    ),
    "ferry/2026/ferry-2026-00004.md": item("ferry-2026-00004", "notice", "还没有发布的通知", published=""),
    "office/2024/office-2024-00001.md": item(
        "office-2024-00001",
        "public_list",
        "关于优秀守护岗位的公示",
        'opens_on: "2024-06-03"',
        'closes_on: "2024-06-10"',
        "attachments: [{file: names.xlsx, title: 名单}]",
        body="| 序号 | 姓名 |\n| --- | --- |\n| 1 | 欧阳某某 |",
    ),
    "office/2026/office-2026-00001.md": item(
        "office-2026-00001",
        "public_list",
        "关于先进班组的公示",
        'opens_on: "2026-02-26"',
        'closes_on: "2026-03-05"',
        body="| 序号 | 班组 |\n| --- | --- |\n| 1 | 望潮班组 |",
    ),
    "law/2024/law-2024-00001.md": item(
        "law-2024-00001",
        "policy",
        "关于老渡口的规定",
        'effective_to: "2025-12-31"',
        "validity: valid",
    ),
    "law/2024/law-2024-00002.md": item(
        "law-2024-00002",
        "policy",
        "关于旧灯塔的规定",
        "validity: repealed",
        'repealed_on: "2025-06-01"',
    ),
    "law/2026/law-2026-00001.md": item(
        "law-2026-00001",
        "consultation",
        "关于征求意见的公告",
        'opens_on: "2026-02-20"',
        'closes_on: "2026-03-25"',
    ),
    "law/2026/law-2026-00002.md": item(
        "law-2026-00002",
        "notice",
        '<script>alert(1)</script>与"引号"的通知',
        'summary: "<b>粗</b>的摘要"',
    ),
    "office/2024/office-2024-00002.yml": "\n".join(
        (
            "id: office-2024-00002",
            "type: organisation",
            "title: 机构职能",
            "department: office",
            "duties: |",
            "  一、观测潮汐；",
            "  二、管理灯塔。",
            "leaders: [{name: 局长（岗位）, position: 局长, duties: 主持工作}]",
            'legacy: {index_number: "12YD0000TIDE00000X/2024-00009", first_published_on: "2024-02-01"}',
            "",
        )
    ),
    **{
        f"personnel/2025/personnel-2025-{n:05d}.md": item(
            f"personnel-2025-{n:05d}",
            "notice",
            f"第{n}号人事通知",
            published=f"{2024 + n % 2}-01-{1 + n % 28:02d}",
        )
        for n in range(1, 46)
    },
}
FILES = {
    "tide/2024/tide-2024-00001/潮汐 表.pdf": b"%PDF-1.4\nsmall\n",
    "tide/2024/tide-2024-00001/灯塔.jpg": b"\xff\xd8\xff\xe0picture",
    "tide/2024/tide-2024-00001/forgotten.txt": "谁也没有提到的文件".encode(),
    "ferry/2026/ferry-2026-00001/early.txt": "提前的内容".encode(),
    "office/2024/office-2024-00001/names.xlsx": b"PK names",
}


@dataclass(frozen=True)
class House:
    """A portal's folder and its built site."""

    root: Path
    built: Built

    def page(self, path: str) -> str:
        return (self.built.site / path).read_text(encoding="utf-8")


def write(root: Path) -> None:
    """The portal's folder."""
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    for name, content in {**ITEMS, **FILES}.items():
        path = root / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.fixture
def house_folder(tmp_path: Path) -> Path:
    """The portal's folder, for tests that change it."""
    root = tmp_path / "house"
    root.mkdir()
    write(root)
    return root


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The portal as built, for tests that only look."""
    root = tmp_path_factory.mktemp("house")
    write(root)
    return House(root, build(root, root / "site", now=clock.parse(NOW)))


SAMPLE_NOW = "2026-08-25T10:00:00+08:00"
"""In the course of the sample's consultation on access to ferries."""
MADE = {
    "office/2026/office-2026-00901.md": item(
        "office-2026-00901", "notice", "有两个附件的通知", "change_note: 更正附件二的联系电话", "update_type: major",
        "show_difference: 对照显示办理时限和地点的变化，方便办事人核对。",
        "attachments: [{file: a.txt, title: 附件一}, {file: 乙.txt, title: 附件二}]", published="2026-08-20",
        body="资料查阅须知如下。\n\n## 一、办理\n\n1. 办理时限为五个工作日。\n2. 可以[网上预约](https://www.tide.yundu.example/yuyue)。\n\n"
        "| 地点 | 时间 |\n| --- | --- |\n| 望潮路一号 | 工作日全天 |\n| 听澜渡口 | 周三 |\n\n## 二、其他\n\n本须知自公布之日起执行。",
    ),
    "office/2026/office-2026-00901/a.txt": "第一个附件。\n",
    "office/2026/office-2026-00901/乙.txt": "第二个附件。\n",
    "office/2026/office-2026-00902.yml": "id: office-2026-00902\ntype: notice\ndepartment: office\n"
    "removal: {reason: personal_information, ground: 《个人信息保护法》第47条, removed_on: '2026-08-01'}\n",
}  # fmt: skip
BEFORE = item(
    "office-2026-00901", "notice", "有一个附件的通知", "attachments: [{file: a.txt, title: 附件一}]", published="2026-08-20",
    body="资料查阅须知如下。\n\n## 一、办理\n\n1. 办理时限为十个工作日。\n2. 只在窗口办理，须带介绍信原件。\n\n"
    "| 地点 | 时间 |\n| --- | --- |\n| 望潮路一号 | 工作日上午 |\n\n## 二、其他\n\n本须知自公布之日起执行。",
)  # fmt: skip
"""What the notice with two attachments was before."""


def earlier() -> Record:
    """What a ledger would say of it."""
    path = "office/2026/office-2026-00901.md"
    old, _ = read_item(f"content/{path}", BEFORE.encode())
    assert old is not None
    versions = Earlier(old, blob_id(MADE[path].encode()), date(2026, 8, 20), date(2026, 8, 24))
    return Record(earlier={old.id: versions})


@dataclass(frozen=True)
class Sample:
    """The sample portal with a few items more, built; and the address where it is served."""

    root: Path
    site: Path
    address: str

    def page(self, path: str) -> str:
        return (self.site / path).read_text(encoding="utf-8")


def sample_folder(root: Path, language: str = "zh") -> None:
    """The sample portal's folder, with an item of two attachments and a removed one."""
    root.mkdir()
    for part in ("content", "schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root)
    for name, content in MADE.items():
        (root / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "content" / name).write_text(content, encoding="utf-8")
    settings = root / "site_config/portal.yml"
    text = settings.read_text(encoding="utf-8")
    assert "language: zh " in text
    settings.write_text(text.replace("language: zh ", f"language: {language} "), encoding="utf-8")


@contextmanager
def served(root: Path, site: Path) -> Iterator[Sample]:
    """A built portal on this machine's own address."""
    server = open_server(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Sample(root, site, server.address)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The sample portal in Chinese."""
    root = tmp_path_factory.mktemp("sample") / "portal"
    sample_folder(root)
    now = clock.parse(SAMPLE_NOW)
    facts = {
        "office-2026-00901": ItemFacts(published=now - timedelta(days=5), changed=now - timedelta(days=1))
    }
    built = build(root, root.parent / "site", now=now, facts=facts, record=earlier())
    assert built.sound, (built.dead, built.requests)
    with served(root, built.site) as shown:
        yield shown


@pytest.fixture(scope="session")
def english_sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The same in English."""
    root = tmp_path_factory.mktemp("english") / "portal"
    sample_folder(root, "en")
    built = build(root, root.parent / "site", now=clock.parse(SAMPLE_NOW), record=earlier())
    with served(root, built.site) as shown:
        yield shown


@pytest.fixture(scope="session")
def zh() -> Callable[[str], str]:
    """A sentence as the Chinese portal says it."""
    return lambda text, **holes: Catalogue("zh").say(msg(text, **holes))


@pytest.fixture(scope="session")
def everything(house: House) -> bytes:
    """Every byte that the public could fetch."""
    return b"\n".join(p.read_bytes() for p in sorted(house.built.site.rglob("*")) if p.is_file())


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, driven by Playwright. Where it must not be missing (CI) its absence fails."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        words = "Chromium is missing: apt-get install chromium fonts-noto-cjk"
        pytest.fail(words) if os.environ.get("GONGKAI_BROWSER_REQUIRED") else pytest.skip(words)
    with playwright.sync_playwright() as p:
        opened = p.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass(frozen=True)
class Outputs:
    """What a portal hands out besides pages: its files by path, made by the real functions, and the site they are of."""

    site: Site
    files: Mapping[str, bytes]

    def text(self, path: str) -> str:
        return self.files[path].decode()

    def data(self, path: str) -> Any:
        return json.loads(self.files[path])


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Outputs]:
    """Make the files of a portal of these items (path under content/ → text), with these facts of a ledger."""

    def made(items: Mapping[str, str], facts: Any = None, now: str = NOW, **settings: str) -> Outputs:
        root = tmp_path / f"portal{len(list(tmp_path.iterdir()))}"
        for part in ("schemas", "site_config"):
            shutil.copytree(ROOT / part, root / part)
        for name, content in items.items():
            path = root / "content" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        said = (root / "site_config/portal.yml").read_text(encoding="utf-8")
        for name, value in settings.items():
            said = re.sub(rf"^{name}:.*$", "", said, flags=re.MULTILINE)
            said += f"{name}: {value}\n" if value else ""
        (root / "site_config/portal.yml").write_text(said, encoding="utf-8")
        portal = replace(read_portal(FolderTree(root), now=clock.parse(now)), facts=facts or {})
        site = Site(portal, Catalogue(portal.settings.language).say)
        return Outputs(site, dict(outputs(site, make(site).pages, ["about.html"])))

    return made


@pytest.fixture(scope="session")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    """The same of the house."""
    root = tmp_path_factory.mktemp("handed")
    write(root)
    portal = read_portal(FolderTree(root), now=clock.parse(NOW))
    site = Site(portal, Catalogue("zh").say)
    return Outputs(site, dict(outputs(site, make(site).pages, ["about.html"])))


@pytest.fixture(scope="session")
def item_text() -> Callable[..., str]:
    """`item`, for tests that make items of their own."""
    return item
