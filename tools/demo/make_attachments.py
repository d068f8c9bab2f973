"""Make the attachments of the sample bureau's items: `python -m demo.make_attachments [PORTAL]`, from tools/.

The files are committed; running again gives the same bytes with the same libraries. PDFs are printed from
the text of their own items, so the two cannot differ.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from demo import papers, pictures, sheets
from demo.office import docx, xlsx
from demo.pdf import Block, pdf
from gongkai.items.read import read_item

Made = Callable[[], bytes]
LIMIT = 60_000
"""No attachment of the sample is larger, in bytes."""


def attachments(root: Path) -> Mapping[str, Made]:
    """What makes each file, by its path under content/ of the portal at `root`."""
    return {**_printed(root), **_forms(), **_figures(), **_pictures()}


def make(root: Path) -> tuple[str, ...]:
    """Write every attachment whose bytes differ from what is there; returns the paths written."""
    written = []
    for path, made in attachments(root).items():
        place, data = root / "content" / path, made()
        if len(data) > LIMIT:
            raise ValueError(f"{path}: {len(data)} bytes are more than {LIMIT}")
        if not place.is_file() or place.read_bytes() != data:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            written.append(path)
    return tuple(written)


def _printed(root: Path) -> dict[str, Made]:
    """PDFs: the text of the item that they belong to."""
    files = {
        "office/2022/office-2022-00004": "station-network-plan.pdf",
        "office/2024/office-2024-00001": "annual-report-2023.pdf",
        "tide/2023/tide-2023-00003": "facility-protection.pdf",
        "tide/2025/tide-2025-00001": "data-measures.pdf",
        "ferry/2024/ferry-2024-00002": "ferry-safety-measures.pdf",
        "emergency/2025/emergency-2025-00001": "surge-plan.pdf",
    }
    return {
        f"{item}/{name}": partial(_print, root / "content" / f"{item}.md") for item, name in files.items()
    }


def _print(path: Path) -> bytes:
    item, faults = read_item(path.as_posix(), path.read_bytes())
    if item is None:
        raise ValueError(f"{path}: {faults[0].fault}")
    return pdf(item.title, blocks(item.body))


def blocks(body: str) -> Iterator[Block]:
    """A body of simple Markdown as blocks: headings, rows of tables, and everything else as text."""
    for line in body.splitlines():
        plain = _plain(line)
        if line.startswith("#"):
            yield Block("heading", (plain.lstrip("# "),))
        elif line.startswith("|") and not set(line) <= set("|-: "):
            yield Block("row", tuple(cell.strip() for cell in plain.strip("| ").split(" | ")))
        elif plain and not line.startswith(("|", "---")):
            yield Block("text", (plain,))


def _plain(line: str) -> str:
    without_links = re.sub(r"\[([^]^]+)]\([^)]*\)", r"\1", re.sub(r"\[\^\w+]:?", "", line))
    return re.sub(r"\\(.)", r"\1", without_links.replace("**", "")).lstrip("> ").strip()


def _forms() -> dict[str, Made]:
    made = {
        "office/2024/office-2024-00004/application-form.docx": ("政府信息公开申请表", papers.APPLICATION),
        "tide/2022/tide-2022-00002/data-query-form.docx": ("潮汐观测资料查询申请表", papers.DATA_QUERY),
        "ferry/2023/ferry-2023-00001/quota-application.docx": ("渡船载客定额核定申请表", papers.QUOTA),
        "lighthouse/2024/lighthouse-2024-00002/technical-requirements.docx": (
            "技术要求和评分办法",
            papers.REQUIREMENTS,
        ),
        "law/2024/law-2024-00001/ferry-safety-draft.docx": (
            "渡口安全管理办法（征求意见稿）",
            papers.FERRY_DRAFT,
        ),
        "ferry/2026/ferry-2026-00002/accessibility-draft.docx": (
            "渡口无障碍服务规范（征求意见稿）",
            papers.ACCESS_DRAFT,
        ),
    }
    return {path: partial(docx, title, text) for path, (title, text) in made.items()}


def _figures() -> dict[str, Made]:
    budgets = {f"finance/{y}/finance-{y}-00001/budget-{y}.xlsx": sheets.budget(y) for y in sheets.SPENDING}
    made = {
        **budgets,
        "finance/2023/finance-2023-00002/final-accounts-2022.xlsx": sheets.FINAL_ACCOUNTS,
        "finance/2024/finance-2024-00002/three-public-2024.xlsx": sheets.THREE_PUBLIC,
        "finance/2025/finance-2025-00002/performance-2024.xlsx": sheets.PERFORMANCE,
        "office/2024/office-2024-00003/self-check-list.xlsx": sheets.SELF_CHECK,
        "personnel/2022/personnel-2022-00001/posts-2022.xlsx": sheets.POSTS_2022,
        "personnel/2025/personnel-2025-00001/posts-2025.xlsx": sheets.POSTS_2025,
        "tide/2023/tide-2023-00002/tide-statistics-2022.xlsx": sheets.tides(2022, sheets.STATIONS_2022),
        "tide/2024/tide-2024-00002/tide-statistics-2023.xlsx": sheets.tides(2023, sheets.STATIONS_2023),
    }
    return {path: partial(xlsx, title, pages) for path, (title, pages) in made.items()}


def _pictures() -> dict[str, Made]:
    return {
        "tide/2023/tide-2023-00001/lesson.jpg": partial(pictures.jpg, pictures.tide_well),
        "tide/2025/tide-2025-00002/at-a-glance.jpg": partial(pictures.jpg, pictures.bars),
        "tide/2026/tide-2026-00001/station.jpg": partial(pictures.jpg, pictures.station),
        "ferry/2023/ferry-2023-00003/ramp.jpg": partial(pictures.jpg, pictures.ramp),
        "lighthouse/2024/lighthouse-2024-00004/open-day.jpg": partial(
            pictures.jpg, pictures.lighthouse, pictures.NIGHT
        ),
        "lighthouse/2024/lighthouse-2024-00004/lens.jpg": partial(pictures.jpg, pictures.lens),
    }


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    sys.stdout.write("".join(f"{path}\n" for path in make(where)))
