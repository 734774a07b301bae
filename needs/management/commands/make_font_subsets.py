"""manage.py make_font_subsets: small Noto Sans fonts with only the characters of the public pages.

The subsets keep pages in Arabic and Tigrinya small; browsers fetch the complete font only for text with other
characters. Run the command after changing a catalogue: a test in tests/needs/language_reviews fails if the fonts are
out of date.
"""

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from fontTools import subset

from solidarity.lib import languages

OUT = Path(settings.ROOT) / "solidarity" / "static" / "solidarity" / "fonts"
# script → (its Unicode blocks, fonts on phones and computers that contain the script)
SCRIPTS: dict[str, tuple[tuple[tuple[int, int], ...], tuple[str, ...]]] = {
    "arabic": (
        ((0x600, 0x6FF), (0x750, 0x77F), (0x200C, 0x200D), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
        ("Noto Sans Arabic", "Noto Sans Arabic UI", "Noto Naskh Arabic UI", "Noto Naskh Arabic", "Geeza Pro",
         "Segoe UI", "Tahoma"),
    ),
    "ethiopic": (
        ((0x1200, 0x139F), (0x2D80, 0x2DDE), (0xAB01, 0xAB2E)),
        ("Noto Sans Ethiopic", "Kefa", "Ebrima", "Nyala"),
    ),
}  # fmt: skip


def code_points_of(script: str) -> list[int]:
    """Return the sorted code points of a script in its catalogues and in the languages' own names."""
    used = set("".join(dict(settings.PUBLIC_LANGUAGES).values()))
    for code, own in settings.SCRIPTS.items():
        if own == script:
            for entry in languages.catalogue(code):
                used.update(entry.msgstr, *entry.msgstr_plural.values())
    blocks = SCRIPTS[script][0]
    return sorted(ord(each) for each in used if any(first <= ord(each) <= last for first, last in blocks))


class Command(BaseCommand):
    help = "Write the font subsets of the public pages: Noto Sans with only the characters that they use."

    def handle(self, *args: Any, **options: Any) -> None:
        OUT.mkdir(exist_ok=True)
        for script, (blocks, device_fonts) in SCRIPTS.items():
            code_points = code_points_of(script)
            size = self.write_subset(script, code_points, script)
            complete = ", ".join(f"U+{first:04X}-{last:04X}" for first, last in blocks)
            style = _css(script, complete, unicode_range(code_points), device_fonts)
            (OUT / f"{script}.css").write_text(style, encoding="utf-8")
            self.stdout.write(f"{script}: {len(code_points)} characters, {size} bytes")
        # The language chooser shows this name on all pages: it must not appear as empty boxes.
        size = self.write_subset("ethiopic", [ord(each) for each in dict(settings.PUBLIC_LANGUAGES)["ti"]], "names")
        self.stdout.write(f"names: {size} bytes")

    @staticmethod
    def write_subset(script: str, code_points: list[int], target_name: str) -> int:
        """Write a font subset and return its size in bytes."""
        name = f"noto-sans-{script}"
        folder = Path(settings.ROOT) / "node_modules" / "@fontsource" / name / "files"
        options = subset.Options()
        options.flavor, options.hinting = "woff2", False
        # Only Arabic characters change shape depending on their neighbours.
        options.layout_features = ["*"] if script == "arabic" else []
        options.name_IDs = [0, 1, 2, 13, 14]
        font = subset.load_font(str(folder / f"{name}-{script}-400-normal.woff2"), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=code_points)
        subsetter.subset(font)
        target = OUT / f"{target_name}.woff2"
        subset.save_font(font, str(target), options)
        return target.stat().st_size


def unicode_range(code_points: list[int]) -> str:
    """Return sorted code points as a CSS ``unicode-range``, with consecutive ones joined to ranges."""
    runs: list[list[int]] = []
    for code_point in code_points:
        if runs and runs[-1][1] == code_point - 1:
            runs[-1][1] = code_point
        else:
            runs.append([code_point, code_point])
    return ", ".join(f"U+{first:04X}" if first == last else f"U+{first:04X}-{last:04X}" for first, last in runs)


def _css(script: str, complete: str, small: str, device_fonts: tuple[str, ...]) -> str:
    """Return the style sheet of a script. complete, small: ``unicode-range`` of the whole font and of the subset."""
    regular = _lines(f'local("{name}")' for name in device_fonts)
    bold = _lines(f'local("{name} Bold")' for name in device_fonts)
    whole_font = f"../../vendor/noto-{script}/files/noto-sans-{script}-{script}-400-normal.woff2"
    return f"""/* Written by "manage.py make_font_subsets" (Noto Sans, OFL 1.1): device font, subset, complete font. */

@font-face {{
  font-family: "Script on the device";
  font-weight: 400;
  src: {regular};
  unicode-range: {complete};
}}

@font-face {{
  font-family: "Script on the device";
  font-weight: 700;
  src: {bold};
  unicode-range: {complete};
}}

@font-face {{
  font-family: "Script";
  font-display: swap;
  src: url("{whole_font}") format("woff2");
  unicode-range: {complete};
}}

@font-face {{
  font-family: "Script";
  font-display: swap;
  src: url("{script}.woff2") format("woff2");
  unicode-range: {_lines(small.split(", "))};
}}

:root, [data-bs-theme] {{
  --font: "Atkinson Hyperlegible", "Script on the device", "Script", system-ui, sans-serif;
}}
"""


def _lines(values: Iterable[str]) -> str:
    """Return a comma-separated list in lines of at most 110 characters."""
    unbroken = [value.replace(" ", "\0") for value in values]  # textwrap must not break the name of a font
    return textwrap.fill(", ".join(unbroken), 110, subsequent_indent="    ").replace("\0", " ")
