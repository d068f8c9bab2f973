"""Clean a workbook: hidden sheets, rows and columns go with everything that was kept of them."""

from __future__ import annotations

from lxml import etree

from gongkai.attachments.cells import column_number
from gongkai.intake.clean_package import Element, Parts, attribute, drop_all, local, remove

_SHEETS = r"xl/worksheets/[^/]+\.xml"
_TRUE = ("1", "true")


def clean_book(parts: Parts) -> None:
    """Take hidden sheets, rows and columns out. Formulas become the values they showed: they may lean on what is gone."""
    _drop_hidden_sheets(parts)
    parts.change(_SHEETS, _clean_sheet)
    parts.change(r"xl/workbook\.xml", _clean_workbook)
    _drop_unused_strings(parts)


def _drop_hidden_sheets(parts: Parts) -> None:
    root = parts.root("xl/workbook.xml")
    if root is None:
        return
    rows = [e for e in root.iter() if local(e) == "sheet"]
    hidden = [e for e in rows if attribute(e, "state") in ("hidden", "veryHidden")]
    targets = {key: target for key, _, target in parts.relations("xl/workbook.xml")}
    gone = {targets.get(attribute(e, "id")) for e in hidden}
    if not hidden or len(hidden) == len(rows):
        return
    numbers = {n for n, e in enumerate(rows) if e in hidden}
    drop_all(_names_of(root, numbers, [attribute(e, "name") for e in hidden]))
    drop_all(hidden)
    for view in [e for e in root.iter() if local(e) == "workbookView"]:
        for key in ("activeTab", "firstSheet"):
            view.attrib.pop(key, None)
    parts.put("xl/workbook.xml", root)
    parts.cut(lambda part, how, target: target in gone)


def _names_of(root: Element, numbers: set[int], titles: list[str]) -> list[Element]:
    """Defined names that stand for something in a hidden sheet; the others' numbers are counted anew."""
    found = []
    for name in [e for e in root.iter() if local(e) == "definedName"]:
        own = name.get("localSheetId")
        if (own is not None and int(own) in numbers) or any(title in (name.text or "") for title in titles):
            found.append(name)
        elif own is not None:
            name.set("localSheetId", str(int(own) - sum(n < int(own) for n in numbers)))
    return found


def _clean_sheet(root: Element) -> None:
    columns = [
        (int(attribute(e, "min") or 0), int(attribute(e, "max") or 0))
        for e in root.iter()
        if local(e) == "col" and attribute(e, "hidden") in _TRUE
    ]
    data = next((e for e in root if local(e) == "sheetData"), None)
    for row in list(data) if data is not None else ():
        if attribute(row, "hidden") in _TRUE:
            remove(row)
            continue
        for cell in list(row):
            if any(low <= column_number(attribute(cell, "r")) <= high for low, high in columns):
                remove(cell)
            else:
                drop_all(e for e in cell if local(e) == "f")
    drop_all(e for e in root if local(e) in ("autoFilter", "sortState"))


def _clean_workbook(root: Element) -> None:
    """The folder on the author's disk, and names that lead to other workbooks."""
    for element in [e for e in root.iter() if local(e) == "absPath"]:
        choice = next((a for a in element.iterancestors() if local(a) == "AlternateContent"), element)
        remove(choice)
    drop_all(
        e
        for e in root.iter()
        if local(e) == "definedName" and "_xlnm._FilterDatabase" in attribute(e, "name")
    )
    drop_all(e for e in root if local(e) == "definedNames" and not len(e))


def _drop_unused_strings(parts: Parts) -> None:
    """Texts of cells that are gone stay in the table of strings otherwise."""
    strings = parts.root("xl/sharedStrings.xml")
    if strings is None:
        return
    used: set[str] = set()
    reachable = {target for _, _, target in parts.relations("xl/workbook.xml")}
    for name in parts.under(_SHEETS):
        root = parts.root(name) if name in reachable else None
        for cell in root.iter() if root is not None else ():
            if local(cell) == "c" and attribute(cell, "t") == "s":
                used |= {(e.text or "").strip() for e in cell if local(e) == "v"}
    for number, entry in enumerate([e for e in strings if local(e) == "si"]):
        if str(number) not in used:
            drop_all(entry)
            etree.SubElement(entry, entry.tag.replace("}si", "}t"))
    parts.put("xl/sharedStrings.xml", strings)
