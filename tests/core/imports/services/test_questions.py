"""Questions that a file leaves open."""

from dataclasses import asdict

import pytest

from core.imports.services.questions import Choice, Question, Questions, question_from_json
from core.shared.errors import AppError

MARK = Question("decimal:amount", "How are amounts written?", (Choice(".", "12.500"), Choice(",", "12,500")))
RULED = Question("status:Void", "Does “Void” count?", (Choice("yes", "yes"), Choice("no", "no")), "no", reason="Void.")


def test_a_question_without_answer_is_open() -> None:
    questions = Questions({})
    assert questions.ask(MARK) is None
    assert questions.open == [MARK]


def test_an_answer_decides() -> None:
    questions = Questions({"decimal:amount": ","})
    assert questions.ask(MARK) == ","
    assert questions.open == []
    assert questions.asked["decimal:amount"].answered
    assert questions.asked["decimal:amount"].taken_label == "12,500"


def test_a_rule_decides_until_an_answer_says_otherwise() -> None:
    assert Questions({}).ask(RULED) == "no"
    assert Questions({"status:Void": "yes"}).ask(RULED) == "yes"


def test_an_answer_that_is_no_choice_is_refused() -> None:
    with pytest.raises(AppError, match=r"Choose one of: \., ,") as refused:
        Questions({"decimal:amount": "?"}).ask(MARK)
    assert refused.value.field == "answer"


def test_a_question_asked_again_is_there_once() -> None:
    questions = Questions({})
    questions.ask(MARK)
    questions.ask(Question(**{**MARK.__dict__, "rows": 3}))
    assert [question.rows for question in questions.open] == [3]


def test_questions_are_kept_as_json() -> None:
    assert question_from_json(asdict(RULED)) == RULED
