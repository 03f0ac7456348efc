"""`{% load components %}`: the parts of pages that have markup inside. Their templates, and those of the parts that are
just included, are in shared/components."""

from django.core.paginator import Page
from django.template import Context, Engine, Library
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

register = Library()


@register.simple_block_tag
def fragment(content: str) -> SafeString:
    """Keep a piece of markup under a name, for a component: {% fragment as about %}…{% endfragment %}."""
    return mark_safe(content.strip())  # noqa: S308 a template rendered it, and escaped what it held


@register.simple_block_tag(takes_context=True)
def page_header(context: Context, content: str, title: str, about: str = "", crumbs: str = "") -> SafeString:
    """The page's title with the trail that leads here and a line about it; inside, the tools at its right."""
    return _render(context, "page_header", content, title=title, about=about, crumbs=crumbs)


@register.simple_block_tag(takes_context=True)
def table(
    context: Context,
    content: str,
    label: str,
    css: str = "",
    pages: Page[object] | None = None,
    wrap: str = "",
    export: str = "",
) -> SafeString:
    """A table that scrolls sideways on its own, its pages below and the address of its CSV file; inside, head, body and
    foot."""
    return _render(context, "table", content, label=label, css=css, pages=pages, wrap=wrap, export=export)


@register.simple_block_tag(takes_context=True)
def empty_page(context: Context, content: str, title: str, *, in_card: bool = False) -> SafeString:
    """What stands where there is nothing to show yet; inside, what to do first."""
    return _render(context, "empty_page", content, title=title, in_card=in_card)


@register.inclusion_tag("shared/components/heading.html", takes_context=True)
def heading(context: Context, title: str, by: str, css: str = "") -> dict[str, str]:
    """A column's heading that sorts the table by it, and the other way round when it is followed again."""
    requested = context["request"].GET.get("sort", "")
    direction = {by: "ascending", f"-{by}": "descending"}.get(requested, "")
    return {"title": title, "css": css, "direction": direction, "next": f"-{by}" if requested == by else by}


@register.inclusion_tag("shared/components/post_button.html")
def post_button(title: str, view: str, *args: object, css: str = "") -> dict[str, str]:
    """A button that posts to a view of the site."""
    return {"title": title, "action": reverse(view, args=args), "css": css}


def _render(context: Context, name: str, content: str, **values: object) -> SafeString:
    inside = mark_safe(content.strip())  # noqa: S308 a template rendered it, and escaped what it held
    with context.push(content=inside, **values):
        return Engine.get_default().get_template(f"shared/components/{name}.html").render(context)
