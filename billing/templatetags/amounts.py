"""`{% load amounts %}`: the functions of `billing.presentation.money` as filters."""

from django import template

from billing.presentation import money

register = template.Library()
register.filter("amount", money.amount)
