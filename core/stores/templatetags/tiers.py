"""`{% load tiers %}`: a city tier's name in the reader's language."""

from django import template

from core.stores.tiers import tier_label

register = template.Library()
register.filter("tier_label", tier_label)
