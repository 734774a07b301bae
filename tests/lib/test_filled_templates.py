"""Parts of pages that are rendered once say the same as templates that are rendered each time."""

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from solidarity.lib.site.filled_templates import FilledTemplate, FixedTemplate


def test_a_fixed_part_is_kept_for_each_language() -> None:
    part = FixedTemplate("includes/undo_template.html")
    for language in ("fr", "en", "fr"):
        with translation.override(language):
            assert part.html() == render_to_string("includes/undo_template.html")
            assert part.html() is part.html()
    with translation.override("fr"):
        french = part.html()
    with translation.override("en"):
        assert part.html() != french


def test_values_in_gaps_are_escaped_and_no_gaps_themselves() -> None:
    line = FilledTemplate("includes/icon.html", ["name"], size="small")
    for name in ("clock", "<b>{name}</b>", "a & 'b' {0}"):
        assert line.fill(name=name) == render_to_string("includes/icon.html", {"name": name, "size": "small"})
    assert "<i>&amp;</i>" in line.fill(name=SafeString("<i>&amp;</i>"))
    for size in ("{small}", "{0}", "{{ name }}"):
        line = FilledTemplate("includes/icon.html", ["name"], size=size)
        assert line.fill(name="clock") == render_to_string("includes/icon.html", {"name": "clock", "size": size})
