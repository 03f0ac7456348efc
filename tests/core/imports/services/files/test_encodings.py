"""Files written in other encodings than UTF-8: recognised by what is usual in each, or asked about."""

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from core.clients.models import Client
from core.imports.services.file_source import FileSource
from core.imports.services.files.charsets import likely_encoding
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused, ImportResult

Bring = Callable[..., ImportResult]
KOREAN = "client_ref,name\nC1,김민지\nC2,이서연\nC3,박지훈\n"
JAPANESE = "client_ref,name\nC1,佐藤ﾐｷ\nC2,すずき\n"
# Texts that tills write, each with the encodings of its country.
TEXTS = {
    "date,client_id,service\n2025-03-05,김민지,커트\n2025-04-06,이서연,염색\n": ["cp949", "euc_kr"],
    "会計日,会員番号,メニュー,金額\n2025/03/05,0012,カット,4400\n": ["cp932", "euc_jp"],
    "日付,顧客,金額\n2025-03-05,山田太郎,4400\n": ["cp932"],
    "单号,消费时间,会员号,项目,实收金额\nR1,2025-03-05,王芳,剪发,88\n": ["gb18030", "gbk", "gb2312"],
    "單號,消費時間,會員,項目\nR1,2025-03-05,王芳,剪髮\n": ["big5hkscs", "cp950"],
    "Datum;Kunde;Betrag\n05.03.2025;Jürgen Weiß;60,00 €\n": ["cp1252"],
    "date,client,service\n2025-03-05,Hélène,Soin visage été\n2025-03-06,Zoé,Épilation\n": ["cp1252", "latin-1"],
    "fecha,cliente\n2025-03-05,Muñoz\n2025-03-05,Peña\n": ["cp1252"],
    "datum,jméno\n1,Jiří Dvořák\n2,Šárka Nováková\n": ["cp1250"],
    "Дата;Клиент;Сумма\n05.03.2025;Анна;50\n": ["cp1251"],
}
SAME = {"euc_kr": "cp949", "gbk": "gb18030", "gb2312": "gb18030", "cp950": "big5hkscs", "latin-1": "cp1252"}


@pytest.mark.parametrize(
    ("text", "encoding"), [(text, encoding) for text, encodings in TEXTS.items() for encoding in encodings]
)
def test_texts_of_many_countries(text: str, encoding: str) -> None:
    content = text.encode(encoding)

    def fits(name: str) -> bool:
        try:
            return bool(codecs.decode(content, name))
        except UnicodeDecodeError:
            return False

    lines = [line for line in content.splitlines(keepends=True) if not line.isascii()]
    found = likely_encoding(lines, fits)
    assert found is not None
    assert (found.encoding, found.is_open) == (SAME.get(encoding, encoding), False)


def names() -> list[str]:
    return list(Client.objects.order_by("ref").values_list("name", flat=True))


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(bring: Bring, encoding: str) -> None:
    bring("clients", "client_ref,name\nC1,王芳\n".encode(encoding))
    assert names() == ["王芳"]


@pytest.mark.usefixtures("chain")
def test_korean_is_not_read_as_chinese(bring: Bring) -> None:
    result = bring("clients", KOREAN.encode("cp949"))
    assert names() == ["김민지", "이서연", "박지훈"]
    (question,) = result.questions
    assert (question.key, question.taken) == ("encoding", "cp949")
    assert "gb18030" in {choice.value for choice in question.choices}


@pytest.mark.usefixtures("chain")
def test_shift_jis_with_narrow_kana(bring: Bring) -> None:
    bring("clients", JAPANESE.encode("cp932"))
    assert names() == ["佐藤ﾐｷ", "すずき"]


SHORT = "client_ref,name\nC1,미나\n".encode("cp949")


@pytest.mark.usefixtures("chain")
def test_a_few_characters_are_read_as_in_the_country_of_the_chain(bring: Bring) -> None:
    result = bring("clients", "client_ref,name\nC1,剪发\n".encode("gb18030"))
    assert names() == ["剪发"]
    (question,) = result.questions
    assert question.reason == "Of the readings that are possible it is the one of the chain’s country."


@pytest.mark.parametrize(
    ("currency", "encoding", "name"),
    [
        ("PLN", "cp1250", "Anna Kamińska"),
        ("PLN", "cp1250", "Łukasz Wójcik"),
        ("HUF", "cp1250", "Jenő"),
        ("THB", "cp874", "สมชาย"),
        ("UAH", "cp1251", "Оксана"),
        # What is usual in the country's encoding alone is taken as such.
        ("EUR", "cp1252", "Begoña Muñoz"),
    ],
)
def test_few_rows_of_one_byte_a_character_are_read_as_in_the_country_of_the_chain(
    bring: Bring, chain: object, monkeypatch: pytest.MonkeyPatch, currency: str, encoding: str, name: str
) -> None:
    monkeypatch.setattr(chain, "currency", currency)
    bring("clients", f"client_ref,name\nC1,{name}\n".encode(encoding))
    assert names() == [name]


def test_a_word_that_may_be_chinese_or_cyrillic_is_asked_about_elsewhere(
    bring: Bring, chain: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "currency", "EUR")
    with pytest.raises(ImportRefused) as refused:
        bring("clients", "client_ref,name\nC1,Оксана\n".encode("cp1251"))
    (question,) = refused.value.result.open_questions
    assert {"cp1251", "gb18030"} <= {choice.value for choice in question.choices}


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize("said", [{"encoding": "cp949"}, {"answers": {"encoding": "cp949"}}])
def test_an_encoding_that_is_said(bring: Bring, said: dict[str, object]) -> None:
    result = bring("clients", SHORT, **said)
    assert names() == ["미나"]
    assert not result.open_questions


@pytest.mark.usefixtures("chain")
def test_likely_readings_of_no_country_are_asked_about(
    bring: Bring, chain: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "currency", "EUR")
    with pytest.raises(ImportRefused) as refused:
        bring("clients", SHORT)
    (question,) = refused.value.result.open_questions
    shown = {choice.value: choice.label for choice in question.choices}
    assert shown["cp949"] == "Korean (CP949, EUC-KR): C1,미나"
    assert set(shown) == {"cp949", "gb18030", "euc_jp", "big5hkscs"}


@pytest.mark.usefixtures("chain")
def test_a_wrong_encoding_names_the_line(refusal: Callable[..., list[str]]) -> None:
    said = refusal("clients", "client_ref,name\nC1,Ann\nC2,Zoé\n".encode("cp1252"), encoding="cp949")
    assert said == ["Line 3 cannot be read in the encoding that was chosen. Choose another."]


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize("other", ["cp949", "big5", "gb18030"])
def test_two_encodings_in_one_file(refusal: Callable[..., list[str]], other: str) -> None:
    text = b"client_ref,name\n" + "C1,美容\n".encode() * 3 + {"cp949": "김민지"}.get(other, "王芳").encode(other)
    (said,) = refusal("clients", text + b"\n")
    assert "mixes encodings" in said


QUOTES = (
    "date,client_id,service,net,note\n"
    '2025-03-05,C1,Cut,50,"likes it short\n'
    "2025-04-05,C1,Cut,50,\n2025-04-06,C2,Cut,50,\n"
    '2025-05-05,C2,Cut,50,said "hi"\n'
    '2025-05-06,C3,Cut,50,"two\nlines, and ""more"""\n'
)


@pytest.mark.usefixtures("stores")
@pytest.mark.parametrize("more", ["", '2025-05-07,C4,"5 inch,50,\n', "2025-05-07,C4,Cut,50,\n" * 20_000])
def test_a_quotation_mark_that_is_never_closed(bring: Bring, more: str) -> None:
    result = bring("visits", QUOTES + more, store="S1", create_missing=True, mapping={"note": "-"})
    assert result.rows == 5 + more.count("\n")
    (finding,) = (one for one in result.findings if one.code == "open_quote")
    assert (finding.level, finding.line) == ("warning", 2)


@pytest.mark.parametrize(
    "cell",
    ['"Ann ""the""\nBest, 2"', '"a\nb\nc"', '"1, 2\n3, 4"', '"line, of\r\ntwo, 2"', '"x ""y""\n"'],
)
def test_cells_of_several_lines_are_left_whole(write: Callable[[str], Path], cell: str) -> None:
    text = f"client_ref,name\nC1,{cell}\nC2,b\n"
    with FileSource(write(text), "clients", ImportOptions()) as source:
        assert len([row for rows in source.chunks() for row in rows.cells]) == 2
        assert not source.left_out
