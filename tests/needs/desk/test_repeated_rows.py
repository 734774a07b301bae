"""What many rows of a list have in common is rendered once, and only within one page."""

from django.template import Context, Template

LIST = Template(
    "{% load repeated_tags %}{% for row in rows %}{% once_for row.state pk=row.pk %}"
    "<i id='{{ pk }}'>{{ row.state }} {{ said }}{{ count }}</i>{% endonce_for %}{% endfor %}"
)


class Counter:
    """A value that counts how often it is shown."""

    shown = 0

    def __str__(self) -> str:
        self.shown += 1
        return ""


def test_equal_rows_are_rendered_once_and_keep_their_own_key() -> None:
    count = Counter()
    rows = [{"state": "<new>", "pk": 1}, {"state": "open", "pk": 2}, {"state": "<new>", "pk": "<3>"}]
    text = LIST.render(Context({"rows": rows, "said": "a", "count": count}))
    assert text == "<i id='1'>&lt;new&gt; a</i><i id='2'>open a</i><i id='&lt;3&gt;'>&lt;new&gt; a</i>"
    assert count.shown == 2


def test_nothing_of_a_page_is_left_for_the_next_reader() -> None:
    rows = [{"state": "new", "pk": 1}]
    assert "Rue A" in LIST.render(Context({"rows": rows, "said": "Rue A"}))
    assert "Rue A" not in LIST.render(Context({"rows": rows, "said": "Rue B"}))
