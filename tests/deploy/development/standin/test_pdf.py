"""The PDF of an invoice is one that readers open: its table says where each object stands."""

import re

from deploy.development.standin.pdf import document


def test_every_object_stands_where_the_table_says() -> None:
    lines = ["Invoice (1)", r"back\slash", "悦颜 ¥1,194.00", ""]
    found = document(lines)
    start = int(re.search(rb"startxref\n(\d+)", found)[1])  # type: ignore[index]
    assert found[start:].startswith(b"xref\n0 9\n")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n ", found)]
    for number, place in enumerate(places, 1):
        assert found[place:].startswith(b"%d 0 obj\n" % number)
    length = int(re.search(rb"/Length (\d+)", found)[1])  # type: ignore[index]
    text = found[found.index(b"stream\n") + 7 :][:length]
    assert text.endswith(b" ET")
    shown = [bytes.fromhex(line.decode()).decode("utf-16-be") for line in re.findall(rb"<([0-9a-f]*)> Tj", text)]
    assert shown == lines
