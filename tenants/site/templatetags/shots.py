from django import template
from django.utils.translation import get_language

register = template.Library()


@register.inclusion_tag("site/partials/shot.html")
def shot(name: str, alt: str, width: int, height: int, *, first: bool = False) -> dict[str, object]:
    """A screenshot in the reader's language and theme; see deploy/screenshots.py. All but the page's first wait until
    they come into view."""
    language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    path = f"site/shots/{name}-{language}"
    return {
        "light": f"{path}-light.webp",
        "dark": f"{path}-dark.webp",
        "alt": alt,
        "width": width,
        "height": height,
        "first": first,
    }
