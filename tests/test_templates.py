"""Templates can be read: `make lint` formats them, which leaves a line too long where no white space may be added."""

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
