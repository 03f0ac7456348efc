"""A PDF of one page of plain lines, in a font for Chinese that readers bring along or replace by one of their own."""

_FONT = b"/STSong-Light"


def document(lines: list[str]) -> bytes:
    text = b"BT /F1 10 Tf 14 TL 56 780 Td " + b" T* ".join(b"<%s> Tj" % _code(line) for line in lines) + b" ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources 6 0 R >>",
        b"<< /Type /Font /Subtype /Type0 /BaseFont %s /Encoding /UniGB-UCS2-H /DescendantFonts [7 0 R] >>" % _FONT,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Font << /F1 4 0 R >> >>",
        # Latin letters are half as wide as Chinese ones.
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont %s /FontDescriptor 8 0 R /DW 1000 /W [1 95 500] "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>" % _FONT,
        b"<< /Type /FontDescriptor /FontName %s /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>" % _FONT,
    ]
    found, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(found))
        found += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(found))
    return found + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(parts) + 1, table, end)


def _code(line: str) -> bytes:
    return line.encode("utf-16-be").hex().encode()
