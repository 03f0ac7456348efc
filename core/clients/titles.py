"""Titles before and after names, as expressions of SQL: 王女士, 田中様, Mrs. Smith. A name is shown and kept with them;
compared with others it goes without."""

_BEFORE_WOMEN, _BEFORE_MEN = "mrs|ms|miss|frau|madame|mme|sra|señora", "mr|herr|monsieur|sr|señor"
_BEFORE_ANY = "dr|prof|คุณ"
_AFTER_WOMEN, _AFTER_MEN, _AFTER_ANY = "女士|小姐|太太|夫人", "先生", "様|さま|さん|님"
_FIRST, _LAST = "^[[:space:]]*({})[.]?[[:space:]]+", "[[:space:]]*({})[[:space:]]*$"
_BEFORE = _FIRST.format(f"{_BEFORE_WOMEN}|{_BEFORE_MEN}|{_BEFORE_ANY}")
_AFTER = _LAST.format(f"{_AFTER_WOMEN}|{_AFTER_MEN}|{_AFTER_ANY}")


def without_title(name: str) -> str:
    """`name` is an expression, here and below. A title alone stays."""
    bare = f"regexp_replace(regexp_replace({name}, '{_BEFORE}', '', 'i'), '{_AFTER}', '')"
    return f"coalesce(nullif({bare}, ''), {name})"


def is_titled_man(name: str) -> str:
    """False of a woman, null where the title does not tell or there is none."""
    return (
        f"CASE WHEN {name} ~* '{_FIRST.format(_BEFORE_WOMEN)}|{_LAST.format(_AFTER_WOMEN)}' THEN false "
        f"WHEN {name} ~* '{_FIRST.format(_BEFORE_MEN)}|{_LAST.format(_AFTER_MEN)}' THEN true END"
    )
