"""Forms of a page as a browser would send them, without a browser."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class PageForm:
    """One form. action: the address to which it is sent, "" for the address of the page. values: the values that a
    browser sends if nobody changes anything. choices: the values that radio buttons, boxes and buttons offer, by
    name."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[PageForm] = []
        self._inside = False
        self._select = ""
        self._text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.found.append(PageForm(said.get("action", "")))
            self._inside = True
        elif self._inside and tag in ("input", "button", "select", "textarea", "option"):
            self._field(tag, said)

    def _field(self, tag: str, said: dict[str, str]) -> None:
        form, name, value = self.found[-1], said.get("name", ""), said.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option":
            if "selected" in said or self._select not in form.values:
                form.values[self._select] = [value]
        elif tag == "textarea" and name:
            self._text = name
            form.values[name] = [""]
        elif name and (tag == "button" or said.get("type") in ("radio", "checkbox", "submit")):
            form.choices.setdefault(name, []).append(said.get("value", "on"))
            if "checked" in said:
                form.values.setdefault(name, []).append(said.get("value", "on"))
        elif name and said.get("type") != "file":
            form.values[name] = [value]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._inside and self._text:
            self.found[-1].values[self._text][0] += data.strip()


def forms_of(page: str) -> list[PageForm]:
    """Return the forms of a page in their order."""
    reader = _Reader()
    reader.feed(page)
    return reader.found
