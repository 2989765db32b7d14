"""Numbers as the page's language writes them."""

from django import template

from progress.pages import locale_formats

register = template.Library()


@register.filter
def percentage(number) -> str:
    """`{{ 80|percentage }}`: `80 %`."""
    return locale_formats.percentage(number)
