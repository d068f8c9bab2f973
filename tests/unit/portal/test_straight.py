"""Templates whose code was made straight say what Jinja's own code says, and fail where it fails."""

from __future__ import annotations

import inspect
import traceback
from types import SimpleNamespace

import pytest
from jinja2 import DictLoader, Environment, FileSystemLoader, UndefinedError
from markupsafe import Markup

from gongkai.portal.compiled import OURS
from gongkai.portal.straight import straighten

PARTS = {
    "base.html": "<{% block head %}{{ title }}{% endblock %}|{% block body %}{% endblock %}{{ end }}>",
    "middle.html": '{% extends "base.html" %}{% block head %}[{{ super() }}]{% endblock %}',
    "included.html": "{% set own = word %}{{ own }}-{{ x }}{% if gone is defined %}gone{% endif %}",
    "macros.html": "{% macro tag(name, text='&') %}<{{ name }}>{{ text }}{{ caller() if caller else '' }}</{{ name }}>{% endmacro %}",
}
PAGES = {
    "words": "{{ plain }}{{ markup }}{{ number }}{{ nothing }}{{ missing }}{{ shout }}{{ plain ~ markup }}",
    "names": "{{ thing.name }}{{ thing.gone }}{{ held.name }}{{ held.items }}{{ held['name'] }}{{ thing.deep.er }}{{ 'a&'.upper() }}",
    "ways": "{% if plain %}{{ plain }}{% elif number %}1{% else %}2{% endif %}{{ 'yes' if nothing else plain }}",
    "loops": "{% for x in many if x %}{{ loop.index }}{{ x }}{% else %}none{% endfor %}{% for x in [] %}{{ x }}{% else %}-{% endfor %}",
    "deep": "{% for x in tree recursive %}{{ x.name }}{{ loop(x.below) }}{% endfor %}",
    "sets": "{% set all %}{{ plain }}!{% endset %}{{ all }}{% filter upper %}{{ plain }}{% endfilter %}{{ many | join('<') }}",
    "macros": '{% from "macros.html" import tag %}{{ tag("i", plain) }}{% call tag("b") %}{{ plain }}{% endcall %}',
    "include": '{% set word = plain %}{% for x in many %}{% include "included.html" %}{% endfor %}',
    "absent": '{% include "not_there.html" ignore missing %}{% include ["no", "included.html"] ignore missing %}',
    "block": '{% extends "middle.html" %}{% block body %}{% for x in many %}{{ x }}{% endfor %}{{ self.head() }}{% endblock %}',
    "scoped": "{% for x in many %}{% block inner scoped %}{{ x }}{% endblock %}{% endfor %}",
    "safe": "{% autoescape false %}{{ plain }}{% endautoescape %}{{ plain | safe }}{{ plain | e }}",
}
VALUES = {
    "plain": "<a href='x'>\"&\"</a>",
    "markup": Markup("<b>&amp;</b>"),
    "number": 12.5,
    "nothing": None,
    "shout": type("Loud", (str,), {})("<loud>"),
    "title": "标题 <1>",
    "end": "'",
    "many": ["<", "", "潮", Markup("<i>")],
    "thing": SimpleNamespace(name="n<", deep=SimpleNamespace(er="'")),
    "held": {"name": "h&"},
    "tree": [{"name": "<1>", "below": [{"name": "<2>", "below": []}]}],
}


def environment(*, straight: bool, pages: dict[str, str] = PAGES) -> Environment:
    env = Environment(loader=DictLoader({**PARTS, **pages}), autoescape=lambda name: True)
    if straight:
        straighten(env)
    return env


@pytest.mark.parametrize("page", PAGES)
def test_a_straight_template_says_what_jinja_says(page):
    said = environment(straight=False).get_template(page).render(VALUES)
    assert environment(straight=True).get_template(page).render(VALUES) == said


def test_nothing_is_escaped_where_nothing_is_to_be():
    made = Environment(loader=DictLoader(PAGES), autoescape=False)
    straighten(made)
    assert made.get_template("words").render(VALUES).startswith(VALUES["plain"])


@pytest.mark.parametrize(
    "page", ["\n\n{{ gone.name }}", "{% if 1 %}\n{{ plain }}\n{{ thing.name() }}{% endif %}"]
)
def test_an_error_names_the_line_of_the_template(page):
    places = []
    for straight in (False, True):
        env = environment(straight=straight, pages={"page": page})
        with pytest.raises((UndefinedError, TypeError)) as failed:
            env.get_template("page").render(VALUES)
        lines = [
            f.lineno for f in traceback.extract_tb(failed.value.__traceback__) if f.filename == "<template>"
        ]
        places.append((type(failed.value), str(failed.value), lines))
    assert places[0] == places[1] and places[0][2] == [3]


def test_no_template_of_ours_stays_a_generator():
    env = Environment(loader=FileSystemLoader(OURS), autoescape=True)
    env.filters |= dict.fromkeys(("url", "in_language", "script_tag"), str)
    straighten(env)
    for file in OURS.rglob("*.html"):
        template = env.get_template(file.relative_to(OURS).as_posix())
        for part in (template.root_render_func, *template.blocks.values()):
            assert not inspect.isgeneratorfunction(part), file
