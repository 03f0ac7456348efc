"""The parts of pages: what they show of what they are given, and what they leave out."""

from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.template.loader import render_to_string
from django.test import RequestFactory


def render(source: str, address: str = "/", **values: object) -> str:
    request = RequestFactory().get(address)
    page = Template("{% load components %}" + source).render(RequestContext(request, values))
    return " ".join(page.split())


def test_a_header_leaves_out_what_it_is_not_given() -> None:
    page = render("{% page_header title=title %}{% endpage_header %}", title="<Team>")
    assert "<h1>&lt;Team&gt;</h1>" in page
    assert all(part not in page for part in ("<p>", "tools", "crumbs"))


def test_a_header_takes_markup_as_fragments() -> None:
    page = render(
        "{% fragment as about %} <b>{{ name }}</b> {% endfragment %}"
        "{% page_header title='Team' about=about %}<a>Invite</a>{% endpage_header %}",
        name="<Mo>",
    )
    assert "<p><b>&lt;Mo&gt;</b></p>" in page
    assert '<div class="tools"><a>Invite</a></div>' in page


def test_a_fragment_of_nothing_leaves_its_place_out() -> None:
    page = render(
        "{% fragment as about %} {% if no %}x{% endif %} {% endfragment %}"
        "{% page_header title='Team' about=about %} {% endpage_header %}"
    )
    assert "<p>" not in page
    assert "tools" not in page


def test_a_table_can_be_reached_by_keyboard_and_keeps_the_address_in_its_pages() -> None:
    pages = Paginator(range(30), 10).get_page(2)
    page = render("{% table label='Team' pages=pages %}<tr></tr>{% endtable %}", "/?sort=-name&page=2", pages=pages)
    assert 'tabindex="0" role="region" aria-label="Team"' in page
    assert 'href="?sort=-name&amp;page=1"' in page
    assert 'href="?sort=-name&amp;page=3"' in page


def test_a_table_leads_to_its_file() -> None:
    page = render("{% table label='Team' export='/team.csv?role=hq' %}<tr></tr>{% endtable %}")
    assert '<a class="button" href="/team.csv?role=hq" download>' in page
    assert "download" not in render("{% table label='Team' %}<tr></tr>{% endtable %}")


def test_a_heading_sorts_from_the_first_page_on_and_turns_round() -> None:
    heading = "{% heading 'Name' by='name' %}"
    assert 'href="?q=a&amp;sort=name"' in render(heading, "/?q=a&page=2")
    assert 'aria-sort="ascending"' in render(heading, "/?sort=name")
    assert 'href="?sort=-name"' in render(heading, "/?sort=name")
    assert 'aria-sort="descending"' in render(heading, "/?sort=-name")
    assert "aria-sort" not in render(heading, "/?sort=code")


def test_an_empty_page_is_a_card_unless_it_is_in_one() -> None:
    assert 'class="card empty"' in render("{% empty_page title='None' %}{% endempty_page %}")
    assert 'class="empty"' in render("{% empty_page title='None' in_card=True %}{% endempty_page %}")


def test_progress_says_what_is_known() -> None:
    name, given = "shared/components/progress.html", {"label": "Import", "address": "/progress/"}
    unknown = render_to_string(name, given)
    assert "value=" not in unknown
    known = " ".join(render_to_string(name, {**given, "percent": 0, "counts": "0 of 9", "remaining": "1 min"}).split())
    assert 'value="0"' in known
    assert "0 of 9 (0%) · 1 min" in known


def test_one_choice_is_the_current_one() -> None:
    choices = [{"url": "?by=city", "title": "City", "current": True}, {"url": "?by=store", "title": "Store"}]
    for part in ("choices", "choice_menu"):
        page = Template(f'{{% include "shared/components/{part}.html" with title="By" %}}')
        assert page.render(Context({"choices": choices})).count("aria-current") == 1


def test_a_button_posts_to_its_view() -> None:
    page = render("{% post_button title 'team:take-back' 7 css='small' %}", title="<Take back>")
    assert '<form method="post" action="/team/7/invitation/take-back/">' in page
    assert '<button class="button small">&lt;Take back&gt;</button>' in page
    assert "csrfmiddlewaretoken" in page


def test_errors_are_announced_and_found_by_their_field() -> None:
    name = "shared/components/errors.html"
    page = render_to_string(name, {"errors": ["<Taken>"], "id": "id_name_error"})
    assert 'role="alert"' in page
    assert '<ul class="errors" id="id_name_error">' in page
    assert "<li>&lt;Taken&gt;</li>" in page
    assert render_to_string(name, {"errors": []}).strip() == ""
