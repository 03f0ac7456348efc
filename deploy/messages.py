"""Collect the translatable texts (where GNU xgettext is there) and compile the catalogues: `make messages`."""

import shutil
import subprocess
import sys
from pathlib import Path

import polib

CHECKOUT = Path(__file__).resolve().parents[1]
LANGUAGES = ("zh_Hans",)


def collect() -> None:
    """Bring the .po files up to date with the sources."""
    if shutil.which("xgettext") is None:
        sys.stderr.write("GNU xgettext is missing, so nothing is collected; compiling only.\n")
        return
    command = [sys.executable, "manage.py", "makemessages", "--no-obsolete", "--add-location=file"]
    command += [word for language in LANGUAGES for word in ("--locale", language)]
    command += ["--ignore=.venv", "--ignore=var", "--ignore=tests"]
    subprocess.run(command, cwd=CHECKOUT, check=True)


def compile_catalogues() -> None:
    """Write each .mo beside its .po, so that running needs no gettext tools."""
    for source in sorted(CHECKOUT.glob("*/**/locale/*/LC_MESSAGES/*.po")):
        if {".venv", "var"} & set(source.relative_to(CHECKOUT).parts):
            continue
        catalogue = polib.pofile(str(source))
        catalogue.save_as_mofile(str(source.with_suffix(".mo")))
        missing = len(catalogue.untranslated_entries()) + len(catalogue.fuzzy_entries())
        sys.stdout.write(f"{source.relative_to(CHECKOUT)}: {len(catalogue)} texts, {missing} to translate\n")


if __name__ == "__main__":
    collect()
    compile_catalogues()
