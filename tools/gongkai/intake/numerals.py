"""Numbers as Word writes them before paragraphs: 1, Ⅰ, a, 一, 壹, ①, 甲."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_SMALL = "零一二三四五六七八九"
_FORMAL = "零壹贰叁肆伍陆柒捌玖"
_TRADITIONAL = "甲乙丙丁戊己庚辛壬癸"
_ZODIAC = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def spell(number: int, form: str) -> str:
    """The number in Word's `numFmt` form; in digits when the form or the number is beyond it."""
    if number < 0 or form not in FORMS:
        return str(number)
    return FORMS[form](number)


def chinese(number: int, digits: str = _SMALL, units: str = "十百千") -> str:
    """一 … 九千九百九十九; 十一 rather than 一十一. Digits beyond that."""
    if not 0 < number < 10_000:
        return digits[0] if number == 0 else str(number)
    text = ""
    for place, digit in enumerate(int(d) for d in reversed(str(number))):
        unit = units[place - 1] if place and digit else ""
        text = (digits[digit] + unit if digit or (text and not text.startswith(digits[0])) else "") + text
    return text.removeprefix(digits[1]) if 10 <= number < 20 and digits is _SMALL else text


def _formal(number: int) -> str:
    return chinese(number, _FORMAL, "拾佰仟")


def _letters(number: int) -> str:
    """Word goes on after z with aa, bb."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number else "0"


def _roman(number: int) -> str:
    text = ""
    for value, sign in _ROMAN:
        while number >= value and len(text) < 40:
            text, number = text + sign, number - value
    return text


def _circled(number: int) -> str:
    for start, first, last in ((0x2460, 1, 20), (0x3251, 21, 35), (0x32B1, 36, 50)):
        if first <= number <= last:
            return chr(start + number - first)
    return str(number)


def _bracketed(number: int) -> str:
    return chr(0x2474 + number - 1) if 1 <= number <= 20 else f"({number})"


def _digits(number: int) -> str:
    return "".join(("〇" + _SMALL[1:])[int(d)] for d in str(number))


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda number: signs[(number - 1) % len(signs)] if number else "0"


FORMS: Mapping[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda n: f"{n:02d}",
    "decimalFullWidth": lambda n: str(n).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "lowerLetter": _letters,
    "upperLetter": lambda n: _letters(n).upper(),
    "lowerRoman": lambda n: _roman(n).lower(),
    "upperRoman": _roman,
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "koreanCounting": chinese,
    "ideographDigital": _digits,
    "japaneseDigitalTenThousand": _digits,
    "taiwaneseDigital": _digits,
    "chineseLegalSimplified": _formal,
    "ideographLegalTraditional": _formal,
    "japaneseLegal": _formal,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": _bracketed,
    "decimalEnclosedFullstop": lambda n: chr(0x2488 + n - 1) if 1 <= n <= 20 else f"{n}.",
    "ideographTraditional": _cycle(_TRADITIONAL),
    "ideographZodiac": _cycle(_ZODIAC),
    "none": lambda _: "",
}
