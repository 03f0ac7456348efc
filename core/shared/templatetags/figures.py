"""`{% load figures %}`: the functions of `core.shared.figures` and `core.shared.sentences` as filters."""

from django import template

from core.shared import figures
from core.shared.origin import short_device
from core.shared.sentences import join_sentences_html

register = template.Library()
for name in ("count", "percent", "interval", "points", "p_value", "money", "day", "month"):
    register.filter(name, getattr(figures, name))
register.filter("in_a_row", join_sentences_html)
# A browser and its system in two words, for what it calls itself.
register.filter("device", short_device)
