"""A template tag for parts of a list that many of its rows have in common."""

import html
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import mark_safe

register = template.Library()
FIRST = 0xFDD0
"""The first of the characters that stand for values that differ between rows: no text contains these noncharacters."""


class OnceForNode(template.Node):
    """Renders its content once for each key. The results live as long as the rendering of one template.

    filled: the variables of the content that differ between rows with the same key, with a character for each."""

    def __init__(
        self, nodelist: NodeList, key: list[FilterExpression], filled: dict[str, tuple[str, FilterExpression]]
    ) -> None:
        self.nodelist, self.key, self.filled = nodelist, key, filled
        self.names = {name: character for name, (character, _value) in filled.items()}

    def render(self, context: Any) -> Any:
        """Return the content for the key of this row."""
        known = context.render_context.setdefault(self, {})
        key = tuple([part.resolve(context) for part in self.key])
        if key not in known:
            with context.push(**self.names):
                known[key] = self.nodelist.render(context)
        text = known[key]
        for character, value in self.filled.values():
            text = text.replace(character, html.escape(str(value.resolve(context))))
        return mark_safe(text)  # noqa: S308 (the content is a template's, the values are escaped)


@register.tag
def once_for(parser: Parser, token: Token) -> OnceForNode:
    """Render the content once for each value of the arguments, in a loop: ``{% once_for need.state %}…{% endonce_for %}``.

    The content must depend on nothing else that differs between the rows. The values must be hashable. Plain variables may
    differ: ``{% once_for need.state pk=need.pk %}`` shows another ``{{ pk }}`` in each row.
    """
    key: list[FilterExpression] = []
    filled: dict[str, tuple[str, FilterExpression]] = {}
    for word in token.split_contents()[1:]:
        name, equals, value = word.partition("=")
        if equals:
            filled[name] = (chr(FIRST + len(filled)), parser.compile_filter(value))
        else:
            key.append(parser.compile_filter(word))
    nodelist = parser.parse(("endonce_for",))
    parser.delete_first_token()
    return OnceForNode(nodelist, key, filled)
