from django import template

from tenants.site.operator import operator

register = template.Library()
# Who runs this installation.
register.simple_tag(operator, name="operator")
