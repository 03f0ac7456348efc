from django.utils import translation
from django.utils.safestring import SafeString

from core.shared.wording import in_a_row, in_a_row_html


def test_sentences_stand_apart_as_the_language_has_it() -> None:
    with translation.override("en"):
        assert in_a_row(["One.", "Two."]) == "One. Two."
    with translation.override("zh-hans"):
        assert in_a_row(["一。", "二。"]) == "一。二。"


def test_in_a_page_only_what_is_marked_keeps_its_markup() -> None:
    with translation.override("en"):
        said = in_a_row_html(["<script>", SafeString("<b>more</b>")])
    assert said == "&lt;script&gt; <b>more</b>"
    assert isinstance(said, SafeString)
