"""How the columns of a sheet are called: A, B … Z, AA, AB …"""

from __future__ import annotations


def column_number(ref: str) -> int:
    """The number of a cell's column by its letters: A1 is in 1, AB7 in 28; 0 when it begins with none."""
    total = 0
    for sign in ref:
        if not "A" <= sign <= "Z":
            break
        total = total * 26 + ord(sign) - 64
    return total


def letters(number: int) -> str:
    """A column's letters by its number: 1 is A, 28 is AB."""
    name = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
