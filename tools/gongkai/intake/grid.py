"""HTML tables as Markdown tables: merged cells are spread out, so that no row and no number is lost.

The text of a merged cell stands once, at its upper left; the cells it covered stay empty, because repeating
a number would double it for whoever adds up the column. Rows of one cell above the rest become its title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bs4 import BeautifulSoup, Tag

MAX_COLUMNS = 100
_BREAK = re.compile(r"\\$")
_HEADING = re.compile(r"^#{1,6} ")

CellText = Callable[[Tag], str]


def rows_of(table: Tag) -> list[Tag]:
    """The table's own rows, not those of tables inside it."""
    return [row for row in table.find_all("tr") if row.find_parent("table") is table]


def cells_of(row: Tag) -> list[Tag]:
    """The row's own cells."""
    return [cell for cell in row.find_all(["td", "th"]) if cell.find_parent("tr") is row]


def is_layout(table: Tag) -> bool:
    """Whether the table only places text on the page: no row has two cells with something in them."""
    return all(sum(not _is_empty(cell) for cell in cells_of(row)) < 2 for row in rows_of(table))


def unwrap_layout(table: Tag) -> None:
    """Replace a layout table by what its cells hold, in order."""
    for row in rows_of(table):
        for cell in cells_of(row):
            cell.name = "div"
            cell.attrs = {}
        row.unwrap()
    for part in table.find_all(["tbody", "thead", "tfoot", "colgroup", "col"]):
        if part.find_parent("table") is table:
            part.unwrap()
    table.name = "div"
    table.attrs = {}


def to_markdown(table: Tag, text_of: CellText) -> str:
    """The table as Markdown: its caption and title rows as paragraphs, then the grid."""
    caption = table.find("caption")
    said = [text_of(caption)] if isinstance(caption, Tag) and caption.find_parent("table") is table else []
    rows = _without_empty(_spread(table, text_of))
    while len(rows) > 1 and sum(map(bool, rows[0])) == 1 and len(rows[0]) > 1:
        said.append(next(filter(None, rows.pop(0))))
    lines = _lines(rows) if rows else []
    return "\n\n".join(part for part in (*said, "\n".join(lines)) if part)


def _spread(table: Tag, text_of: CellText) -> list[list[str]]:
    rows = rows_of(table)
    grid: list[dict[int, str]] = [{} for _ in rows]
    for y, row in enumerate(rows):
        x = 0
        for cell in cells_of(row):
            while x in grid[y]:
                x += 1
            width = _span(cell, "colspan", MAX_COLUMNS)
            height = _span(cell, "rowspan", len(rows) - y)
            covered = [(y + down, x + right) for down in range(height) for right in range(width)]
            for at_y, at_x in covered:
                grid[at_y].setdefault(at_x, "")
            grid[y][x] = text_of(cell)
            x += width
    columns = max((max(line, default=-1) + 1 for line in grid), default=0)
    return [[line.get(x, "") for x in range(columns)] for line in grid]


def _span(cell: Tag, name: str, most: int) -> int:
    value = str(cell.get(name) or "1").strip()
    if not value.isdecimal():
        return 1
    # HTML: rowspan="0" reaches to the end of the table.
    return max(1, min(int(value) or most, most)) if len(value) < 9 else most


def _without_empty(rows: Sequence[list[str]]) -> list[list[str]]:
    kept = [row for row in rows if any(row)]
    used = [x for x in range(len(kept[0])) if any(row[x] for row in kept)] if kept else []
    return [[row[x] for x in used] for row in kept]


def _lines(rows: Sequence[list[str]]) -> list[str]:
    head, *rest = rows
    rule = ["---"] * len(head)
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rest)]


def one_line(markdown: str) -> str:
    """A cell's Markdown on one line; its paragraphs and line breaks are parted by `<br>`."""
    lines = (_HEADING.sub("", _BREAK.sub("", line.strip())).strip() for line in markdown.split("\n"))
    return "<br>".join(line for line in lines if line)


def flat(table: Tag, soup: BeautifulSoup) -> None:
    """Turn a table inside a cell into one paragraph per row: Markdown knows no table in a table."""
    for row in rows_of(table):
        cells = cells_of(row)
        for cell in cells[:-1]:
            cell.append("；")
        for cell in cells:
            cell.name = "span"
            cell.attrs = {}
        row.name = "p"
    for part in table.find_all(["tbody", "thead", "tfoot"]):
        part.unwrap()
    table.name = "div"
    table.attrs = {}


def _is_empty(cell: Tag) -> bool:
    return not cell.get_text(strip=True) and cell.find(["img", "table"]) is None
