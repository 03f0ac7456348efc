"""`{% load figures %}`: the functions of `core.shared.figures` as filters."""

from django import template

from core.shared import figures

register = template.Library()
for name in ("count", "percent", "interval", "points", "p_value", "money", "day", "month"):
    register.filter(name, getattr(figures, name))
