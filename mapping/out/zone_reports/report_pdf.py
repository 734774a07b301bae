"""A report as a tagged PDF on A4 (PDF/UA-1), made by WeasyPrint from a template. Nothing is fetched from elsewhere."""

from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import get_language

VARIANT = "pdf/ua-1"
_DATA = "data:image/png;base64,"


def pdf_of(template: str, context: Mapping[str, Any]) -> bytes:
    """Render a template in the active language with the style sheet of reports."""
    from weasyprint import CSS, HTML  # heavy, and only the worker needs it
    from weasyprint.text.fonts import FontConfiguration

    html = render_to_string(template, {**context, "language": get_language()})
    fonts = FontConfiguration()
    style = _static("solidarity/zone_reports/report-pdf.css").read_text(encoding="utf-8")
    sheet = CSS(string=style, base_url="static:", url_fetcher=fetch, font_config=fonts)
    document = HTML(string=html, base_url="static:", url_fetcher=fetch)
    made: bytes = document.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant=VARIANT)
    return made


def _static(name: str) -> Path:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"no static file {name}")
    return Path(found)


def fetch(url: str, *_args: Any, **_kwargs: Any) -> Any:
    """Load our own fonts, style sheets and pictures (``static:`` addresses) and logos (``data:`` addresses of PNG);
    raise ValueError for any other address."""
    from weasyprint.urls import URLFetcherResponse

    if url.startswith(_DATA):
        return URLFetcherResponse(url, body=b64decode(url.removeprefix(_DATA)))
    if not url.startswith("static:"):
        raise ValueError("a report fetches nothing from elsewhere")
    return URLFetcherResponse(url, body=_static(url.removeprefix("static:").lstrip("/")).read_bytes())
