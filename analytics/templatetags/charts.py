"""What a chart repeats for each of its values, written at once.

A template would resolve a dozen variables for each bar: of three months of days, that took longer
than the rest of the page.
"""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from analytics.query.charts import Bars

register = template.Library()


@register.simple_tag
def bar_shapes(bars: Bars) -> SafeString:
    """The bars of an SVG, each with its label and value as a title."""
    return mark_safe(
        "\n".join(
            f"<g><title>{escape(bar.label)}: {escape(bar.text)}</title>"
            f'<rect class="all" x="{bar.x}" y="0" width="{bar.width}" height="{bars.height}"/>'
            f'<rect x="{bar.x}" y="{bar.y}" width="{bar.width}" height="{bar.height}"/></g>'
            for bar in bars.bars
        )
    )


@register.simple_tag
def bar_rows(bars: Bars) -> SafeString:
    """The same as rows of a table."""
    return mark_safe(
        "\n".join(
            f'<tr><th scope="row">{escape(bar.label)}</th><td>{escape(bar.text)}</td></tr>'
            for bar in bars.bars
        )
    )
