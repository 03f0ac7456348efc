"""The catalogues are complete: every text of the sources is in them, translated, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

CHECKOUT = Path(__file__).resolve().parents[1]
CATALOGUES = sorted((CHECKOUT / "core" / "shared" / "locale").glob("*/LC_MESSAGES/django.po"))
SOURCES = [CHECKOUT / room for room in ("api", "billing", "core", "platform", "tenants")]
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|%%|\{\w*\}")


def texts() -> Iterator[tuple[str, Path]]:
    for room in SOURCES:
        for path in room.rglob("*.py"):
            yield from ((text, path) for text in _of_module(path))
        for path in room.rglob("templates/**/*.html"):
            yield from ((text, path) for text in _of_template(path))


def _of_module(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CALLS:
            continue
        place = 1 if node.func.id.startswith("pgettext") else 0
        argument = node.args[place] if len(node.args) > place else None
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _of_template(path: Path) -> Iterator[str]:
    for line in templatize(path.read_text()).splitlines():
        for found in re.finditer(r"\b(?:_|gettext|ngettext)\(u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", line):
            yield str(ast.literal_eval(found[1]))


def test_there_is_a_catalogue() -> None:
    assert [path.parts[-3] for path in CATALOGUES] == ["zh_Hans"]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.parts[-3]))
def test_every_text_is_in_it(path: Path) -> None:
    known = {entry.msgid for entry in polib.pofile(str(path))}
    missing = sorted({f"{source.relative_to(CHECKOUT)}: {text}" for text, source in texts() if text not in known})
    assert not missing, "run `make messages` and translate"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.parts[-3]))
def test_every_text_is_translated(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    assert [entry.msgid for entry in catalogue.untranslated_entries() + catalogue.fuzzy_entries()] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.parts[-3]))
def test_translations_keep_the_placeholders(path: Path) -> None:
    for entry in polib.pofile(str(path)):
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid)) - {"%%"}
        for translation in entry.msgstr_plural.values() or [entry.msgstr]:
            assert set(PLACEHOLDER.findall(translation)) - {"%%"} == wanted, entry.msgid


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.parts[-3]))
def test_the_compiled_catalogue_is_the_sources(path: Path) -> None:
    compiled = {(entry.msgctxt, entry.msgid): entry for entry in polib.mofile(str(path.with_suffix(".mo")))}
    for entry in polib.pofile(str(path)):
        found = compiled[entry.msgctxt, entry.msgid]
        assert (found.msgstr, found.msgstr_plural) == (entry.msgstr, entry.msgstr_plural)
