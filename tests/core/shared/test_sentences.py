from django.utils import translation
from django.utils.safestring import SafeString

from core.shared.sentences import join_sentences, join_sentences_html


def test_sentences_stand_apart_as_the_language_has_it() -> None:
    with translation.override("en"):
        assert join_sentences(["One.", "Two."]) == "One. Two."
    with translation.override("zh-hans"):
        assert join_sentences(["一。", "二。"]) == "一。二。"


def test_in_a_page_only_what_is_marked_keeps_its_markup() -> None:
    with translation.override("en"):
        said = join_sentences_html(["<script>", SafeString("<b>more</b>")])
    assert said == "&lt;script&gt; <b>more</b>"
    assert isinstance(said, SafeString)
