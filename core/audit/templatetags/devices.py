from django import template

from core.shared.origin import short_device

register = template.Library()
# A browser and its system in two words, for what it calls itself.
register.filter("device", short_device)
