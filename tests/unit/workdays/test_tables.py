"""From a settings file to a table: what is malformed is left out, never a crash."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gongkai.model.message import Words
from gongkai.model.settings import ConfigFile
from gongkai.workdays.calendar import Calendar
from gongkai.workdays.standing import festival
from gongkai.workdays.tables import tables

PATH = "site_config/holidays/2027.yml"


def read(data: Any, path: str = PATH) -> Any:
    return tables({"holidays/2027": ConfigFile(path, data)})


def test_a_table_is_read_with_its_local_days():
    table = read(
        {
            "year": "2027",
            "notice": "国办发明电〔2026〕1号",
            "off": [{"date": "2027-02-08", "name": "春节"}],
            "work": [{"date": "2027-02-13", "name": "春节"}],
            "extra_off": [{"date": "2027-08-20", "name": "台风停工"}],
            "extra_work": [{"date": "2027-08-21", "name": "抢险"}],
        }
    )[2027]
    assert table.off == {date(2027, 2, 8): "春节"}
    assert table.work == {date(2027, 2, 13): "春节"}
    assert table.extra_off == {date(2027, 8, 20): "台风停工"}
    assert table.extra_work == {date(2027, 8, 21): "抢险"}
    assert table.notice == "国办发明电〔2026〕1号"
    assert not table.provisional


@pytest.mark.parametrize(
    "data",
    [None, [], "text", {"off": None}, {"off": "2027-02-08"}, {"off": [None, 3, "x", {"date": 20270208}]},
     {"off": [{"date": "2027-02-30", "name": "春节"}]}, {"off": [{"name": "春节"}]}, {"off": []}],
)  # fmt: skip
def test_a_file_that_names_no_day_off_is_no_table_and_its_year_stays_provisional(data: Any):
    assert read(data) == {}
    assert Calendar(read(data)).provisional(date(2027, 3, 1))


def test_only_files_of_the_holiday_folder_are_tables():
    data = {"off": [{"date": "2027-02-08", "name": "春节"}]}
    assert read(data, "site_config/portal.yml") == {}
    assert read(data, "site_config/holidays/own.yml") == {}
    assert read(data, "site_config/holidays/2027.yml.bak") == {}


def test_a_festival_has_its_english_name_and_a_local_day_keeps_its_own():
    assert festival("国庆节、中秋节") == Words("国庆节、中秋节", "National Day / Mid-Autumn Festival")
    assert festival("台风停工") == Words("台风停工", "台风停工")
