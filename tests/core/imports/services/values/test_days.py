"""Whatever way a moment is written, it reads the same."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.services.values.dates import DateRules, Ways
from core.imports.services.values.days import WrittenDay, find_day
from core.imports.services.values.memo import NULL
from core.imports.services.values.moments import DateTimes
from core.imports.services.values.times import Times

ZONES: Mapping[str, str] = {"1": "Asia/Shanghai"}
WEEKDAYS = "一二三四五六日"
WIDE = str.maketrans("0123456789:-/", "０１２３４５６７８９：－／")


def read(*cells: str, ways: Ways | None = None) -> list[tuple[str, str]]:
    found = ways or Ways()
    reader = DateTimes(DateRules(None, date(2025, 12, 31), ways=lambda: found))
    days, times = reader.read(cells, ["1"] * len(cells), ZONES)
    assert {problem.code for problem in reader.problems.values()} <= {"time_span", "late_time"}, reader.problems
    return [(day, time[:5]) for day, time in zip(days, times, strict=True)]


def writings(moment: datetime) -> list[str]:
    day, clock = f"{moment:%Y-%m-%d}", f"{moment:%H:%M}"
    weekday = WEEKDAYS[moment.weekday()]
    half = "上午" if moment.hour < 12 else "下午"
    hour = moment.hour % 12 or 12
    return [
        f"{day} {clock}",
        f"{day}T{clock}:00",
        f"{day} {clock}:00.000",
        f"{day} {clock} - 23:59",
        f"{day} {clock}~23:59",
        f"{day} {clock}-{day} 23:59",
        f"{day}（周{weekday}） {clock}",
        f"{day} 星期{weekday} {clock}",
        f"{day} {clock}".translate(WIDE),
        f"{moment:%Y/%m/%d} {clock}",
        f"{moment:%Y.%m.%d} {hour}:{moment:%M} {moment:%p}",
        f"{moment:%Y%m%d%H%M%S}",
        f"{moment:%Y%m%d} {clock}",
        f"{moment:%Y年%m月%d日}{half}{hour}点{moment:%M}分",
        f"{moment.year}年{moment.month}月{moment.day}日 {clock}",
        f"{moment:%d-%b-%Y} {clock}",
        f"{moment:%b} {moment.day}, {moment.year} {hour}:{moment:%M}{moment:%p}",
        f"{moment:%A}, {moment:%B} {moment.day}, {moment.year}, {hour}:{moment:%M} {moment:%p}",
        f"{moment.day} {moment:%B} {moment.year} {clock}",
        f"{moment:%d-%b-%y} {clock}",
        f"{moment:%a %b %d %Y} {clock}:00 GMT+0800 (China Standard Time)",
        f"{day} {clock}+08:00",
        f"{day}T{moment - timedelta(hours=8):%H:%M}:00Z" if moment.hour >= 8 else f"{day} {clock}",
    ]


@given(st.datetimes(datetime(1995, 1, 1), datetime(2025, 12, 31)))  # noqa: DTZ001 - local by definition
def test_any_writing_of_a_moment_reads_the_same(moment: datetime) -> None:
    for text in writings(moment):
        assert read(text) == [(f"{moment:%Y-%m-%d}", f"{moment:%H:%M}")], text
    every = writings(moment)
    assert set(read(*every)) == {(f"{moment:%Y-%m-%d}", f"{moment:%H:%M}")}


@given(st.datetimes(datetime(1995, 1, 1), datetime(2025, 12, 31)))  # noqa: DTZ001 - local by definition
def test_the_order_decides_what_numbers_leave_open(moment: datetime) -> None:
    expected = [(f"{moment:%Y-%m-%d}", f"{moment:%H:%M}")]
    assert read(f"{moment:%d/%m/%Y} {moment:%H:%M}", ways=Ways("dmy")) == expected
    assert read(f"{moment.month}-{moment.day}-{moment.year} {moment:%I:%M %p}", ways=Ways("mdy")) == expected
    assert read(f"{moment:%d.%m.%Y, %H:%M:%S}", ways=Ways("dmy")) == expected
    assert read(f"{moment:%y/%m/%d} {moment:%H:%M}", ways=Ways("ymd")) == expected


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("2025-03-05 10:00-10:30", "2025-03-05", "10:00"),
        ("2025-03-05 20:00-21:00", "2025-03-05", "20:00"),
        ("2025-03-05 15:00 至 16:00", "2025-03-05", "15:00"),
        ("2025-03-05 10:00-11:00 (60 min)", "2025-03-05", "10:00"),
        ("Mar 5, 2025 at 2:05 PM", "2025-03-05", "14:05"),
        ("20250305T140500", "2025-03-05", "14:05"),
        ("2025、3、5", "2025-03-05", "00:00"),
        ("2025-03-05 2:00-3:00 PM", "2025-03-05", "14:00"),
        ("2025-03-05 11:00-1:00 PM", "2025-03-05", "11:00"),
        ("2025-03-05 10:00:00-05:00", "2025-03-05", "23:00"),
        ("2025-03-05T10:00-05:00", "2025-03-05", "23:00"),
        ("2025-03-05 10:00+0000", "2025-03-05", "18:00"),
        ("2025年3月5日晚上8点半", "2025-03-05", "20:30"),
        ("2025年3月5日凌晨12:30", "2025-03-05", "00:30"),
        ("2025年3月5日中午12点", "2025-03-05", "12:00"),
        ("2025年3月5日 中午1点", "2025-03-05", "13:00"),
        ("25年3月5日", "2025-03-05", "00:00"),
        ("民國114年3月5日 14:05", "2025-03-05", "14:05"),
        ("令和7年3月5日(水)", "2025-03-05", "00:00"),
        ("2025. 3. 5.", "2025-03-05", "00:00"),
        ("5th of March 2025", "2025-03-05", "00:00"),
        ("17-May-25", "2025-05-17", "00:00"),
        ("Sept. 3rd, 2025", "2025-09-03", "00:00"),
        ("2025-Mar-05 2pm", "2025-03-05", "14:00"),
    ],
)
def test_writings_of_their_own(text: str, day: str, time: str) -> None:
    assert read(text) == [(day, time)]


@pytest.mark.parametrize(
    "text",
    [
        "10:00",
        "5月3日",
    ],
)
def test_what_is_no_moment(text: str) -> None:
    reader = DateTimes(DateRules(None, date(2025, 12, 31)))
    assert reader.read([text], ["1"], ZONES)[0] == [NULL]
    assert text in reader.problems


@given(st.times())
def test_any_writing_of_a_time_of_day_reads_the_same(at: object) -> None:
    texts = [f"{at:%H:%M}", f"{at:%I:%M %p}", f"{at:%H:%M}-23:59", f"1899-12-30 {at:%H:%M}:00", f"{at:%H点%M分}"]
    assert {value[:5] for value in Times().read(texts)} == {f"{at:%H:%M}"}


def test_a_part_of_a_day_is_a_time() -> None:
    assert Times().read(["0.5868055556", "0.25", "", "-"]) == ["14:05:00", "06:00:00", NULL, NULL]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2025年03月09日14时05分30秒", ("2025-03-09", "14:05")),
        ("二〇二五年三月二十五日", ("2025-03-25", "00:00")),
        ("二零二五年十二月十日", ("2025-12-10", "00:00")),
        ("114/03/08", ("2025-03-08", "00:00")),
        ("1140308", ("2025-03-08", "00:00")),
        ("0991201 14:30", ("2010-12-01", "14:30")),
        ("114年3月9日", ("2025-03-09", "00:00")),
        ("2568-03-05", ("2025-03-05", "00:00")),
        ("7 มีนาคม 2568", ("2025-03-07", "00:00")),
        ("6 มี.ค. 2568 14:05", ("2025-03-06", "14:05")),
        ("R7.3.6", ("2025-03-06", "00:00")),
        ("2025年3月5日 14時05分", ("2025-03-05", "14:05")),
        ("2025년 3월 9일 토요일 오후 3시 30분", ("2025-03-09", "15:30")),
        ("Mittwoch, 5. März 2025 14:05 Uhr", ("2025-03-05", "14:05")),
        ("5. Mai 2025 9 Uhr", ("2025-05-05", "09:00")),
        ("mercredi 5 mars 2025", ("2025-03-05", "00:00")),
        ("1er août 2025", ("2025-08-01", "00:00")),
        ("5 de marzo de 2025", ("2025-03-05", "00:00")),
        ("12 déc. 2024", ("2024-12-12", "00:00")),
    ],
)
def test_other_calendars_and_languages(cell: str, moment: tuple[str, str]) -> None:
    assert read(cell) == [moment]


@pytest.mark.parametrize("rest", [" 10:00+15:00", " 30:00", " - 2025-03-08", " 晚上12点", " noon"])
def test_a_day_is_kept_where_its_time_cannot_be_read(rest: str) -> None:
    reader = DateTimes(DateRules(None, date(2025, 12, 31)))
    assert reader.read([f"2025-03-05{rest}"], ["1"], ZONES) == (["2025-03-05"], ["00:00"])
    assert [problem.code for problem in reader.problems.values()] == ["bad_time"]


def test_a_year_to_come_is_no_buddhist_one() -> None:
    assert find_day("2026-03-05", latest=date(2025, 12, 31)) == WrittenDay({"": date(2026, 3, 5)}, "")


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("14時", "14:00"),
        ("午後2時05分", "14:05"),
        ("14:05 Uhr", "14:05"),
        ("9 Uhr", "09:00"),
        ("1430", "14:30"),
        ("25:30", "23:59"),
    ],
)
def test_times_of_day(cell: str, time: str) -> None:
    assert Times().read([cell])[0][:5] == time
