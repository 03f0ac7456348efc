"""The sample's files, recorded once and moved in time so that they end yesterday.

Each code in them begins with SAMPLE-, by which the sample is taken out again. deploy/development/demo/record_sample.py
records them.
"""

import re
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

PREFIX = "SAMPLE-"
STORE_CODES = (f"{PREFIX}1", f"{PREFIX}2", f"{PREFIX}3")
LANGUAGES = ("en", "zh-hans")
# The day of the last visit, as recorded.
LAST_DAY = date(2025, 12, 31)
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def archive_of(language: str) -> Path:
    """The recorded files in a language, each below its kind, in the order in which they import."""
    return Path(__file__).parents[1] / "sample" / f"{language}.zip"


def write_sample_files(*, language: str, yesterday: date, folder: Path) -> list[tuple[str, Path]]:
    """Write the files with every date moved by the same number of weeks, so that Saturdays stay Saturdays; return them
    with their kinds. In Chinese for any Chinese, else in English."""
    moved_by = timedelta(weeks=(yesterday - LAST_DAY).days // 7)
    files = []
    with ZipFile(archive_of("zh-hans" if language.startswith("zh") else "en")) as archive:
        for member in archive.namelist():
            kind, name = member.split("/")
            path = folder / name
            path.write_text(_moved(archive.read(member).decode(), moved_by), encoding="utf-8")
            files.append((kind, path))
    return files


def _moved(text: str, by: timedelta) -> str:
    return _DATE.sub(lambda found: (date.fromisoformat(found[0]) + by).isoformat(), text)
