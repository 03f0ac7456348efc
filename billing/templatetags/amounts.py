"""`{% load amounts %}`: the functions of `billing.presentation.figures` as filters."""

from django import template

from billing.presentation import figures

register = template.Library()
register.filter("amount", figures.amount)
