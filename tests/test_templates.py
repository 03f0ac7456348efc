"""Templates can be read: `make lint` formats them, which leaves a line too long where no white space may be added."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
WIDEST = 120


def templates() -> list[Path]:
    rooms = (CHECKOUT / room for room in ("api", "billing", "core", "platform", "tenants"))
    return [path for room in rooms for path in room.rglob("templates/**/*.*")]


def test_there_are_templates_of_every_room_with_pages() -> None:
    assert {"billing", "core", "tenants"} <= {path.relative_to(CHECKOUT).parts[0] for path in templates()}


def test_no_line_of_a_template_is_too_long() -> None:
    too_long = [
        f"{path.relative_to(CHECKOUT)}:{number}"
        for path in templates()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > WIDEST
    ]
    assert not too_long, f"longer than {WIDEST} characters"


def test_no_number_of_a_record_is_written_as_for_people() -> None:
    """12,345 is no number of a record. What has a UUID is called so here."""
    written = re.compile(r"\{\{ *[\w.]*(?<!\bupload)(?<!\brun)\.pk *\}\}")
    found = [str(path.relative_to(CHECKOUT)) for path in templates() if written.search(path.read_text())]
    assert not found, "write it with |stringformat:'d'"
