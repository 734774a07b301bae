"""XML renderer for GeoReport v2. List items get the element names that the specification demands."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from rest_framework.renderers import BaseRenderer

_CHILD = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "numbers": "line",
}
_INVALID_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XmlRenderer(BaseRenderer):
    """Render the data inside the view's root element (``view.root``), and errors inside an ``errors`` element."""

    media_type = "text/xml"
    format = "xml"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        context = renderer_context or {}
        failed = context["response"].status_code >= 400
        root = ElementTree.Element("errors" if failed else context["view"].root)
        _fill(root, data)
        return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _fill(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, part in value.items():
            _fill(ElementTree.SubElement(element, name), part)
    elif isinstance(value, list | tuple):
        for part in value:
            _fill(ElementTree.SubElement(element, _CHILD[element.tag]), part)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _INVALID_XML.sub("\ufffd", str(value))
