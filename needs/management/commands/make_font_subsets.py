"""Cut the letters that the public pages need out of Noto Sans, so that a page in Arabic or Tigrinya stays light.

Run after changing a catalogue; tests/needs/language_reviews/test_public_languages.py says when. What is typed by people with other letters is
drawn with the whole font, which browsers fetch only then.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from fontTools import subset

from solidarity.lib import languages

OUT = Path(settings.ROOT) / "solidarity" / "static" / "solidarity" / "fonts"
# script: (its blocks, fonts of telephones and computers that draw it, regular and bold)
SCRIPTS: dict[str, tuple[tuple[tuple[int, int], ...], tuple[str, ...]]] = {
    "arabic": (
        ((0x600, 0x6FF), (0x750, 0x77F), (0x200C, 0x200D), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
        ("Noto Sans Arabic", "Noto Sans Arabic UI", "Noto Naskh Arabic UI", "Noto Naskh Arabic", "Geeza Pro", "Segoe UI", "Tahoma"),
    ),
    "ethiopic": (
        ((0x1200, 0x139F), (0x2D80, 0x2DDE), (0xAB01, 0xAB2E)),
        ("Noto Sans Ethiopic", "Kefa", "Ebrima", "Nyala"),
    ),
}  # fmt: skip


def letters_of(script: str) -> list[int]:
    """The code points of a script in the catalogues that are written with it, and in the names of the languages."""
    used = set("".join(dict(settings.PUBLIC_LANGUAGES).values()))
    for code, own in settings.SCRIPTS.items():
        if own == script:
            for entry in languages.catalogue(code):
                used.update(entry.msgstr, *entry.msgstr_plural.values())
    blocks = SCRIPTS[script][0]
    return sorted(ord(each) for each in used if any(first <= ord(each) <= last for first, last in blocks))


class Command(BaseCommand):
    help = "Cut the letters of the public pages out of Noto Sans"

    def handle(self, *args: Any, **options: Any) -> None:
        OUT.mkdir(exist_ok=True)
        for script, (blocks, on_devices) in SCRIPTS.items():
            letters = letters_of(script)
            size = self.cut(script, letters, script)
            ranges = ", ".join(f"U+{first:04X}-{last:04X}" for first, last in blocks)
            few = _ranges(letters)
            (OUT / f"{script}.css").write_text(_css(script, ranges, few, on_devices), encoding="utf-8")
            self.stdout.write(f"{script}: {len(letters)} letters, {size} bytes")
        # For the chooser on pages in another script: a language's own name must never be empty boxes.
        size = self.cut("ethiopic", [ord(each) for each in dict(settings.PUBLIC_LANGUAGES)["ti"]], "names")
        self.stdout.write(f"names: {size} bytes")

    @staticmethod
    def cut(script: str, letters: list[int], target_name: str) -> int:
        """Write a small font; its size in bytes."""
        name = f"noto-sans-{script}"
        folder = Path(settings.ROOT) / "node_modules" / "@fontsource" / name / "files"
        options = subset.Options()
        options.flavor, options.hinting = "woff2", False
        options.layout_features = (
            ["*"] if script == "arabic" else []
        )  # only Arabic letters change with their neighbours
        options.name_IDs = [0, 1, 2, 13, 14]
        font = subset.load_font(str(folder / f"{name}-{script}-400-normal.woff2"), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=letters)
        cutter.subset(font)
        target = OUT / f"{target_name}.woff2"
        subset.save_font(font, str(target), options)
        return target.stat().st_size


def _ranges(letters: list[int]) -> str:
    """Sorted code points as a ``unicode-range``: neighbours together."""
    runs: list[list[int]] = []
    for letter in letters:
        if runs and runs[-1][1] == letter - 1:
            runs[-1][1] = letter
        else:
            runs.append([letter, letter])
    return ", ".join(f"U+{first:04X}" if first == last else f"U+{first:04X}-{last:04X}" for first, last in runs)


def _css(script: str, ranges: str, few: str, on_devices: tuple[str, ...]) -> str:
    regular = ", ".join(f'local("{name}")' for name in on_devices)
    bold = ", ".join(f'local("{name} Bold")' for name in on_devices)
    whole = f"../../vendor/noto-{script}/files/noto-sans-{script}-{script}-400-normal.woff2"
    return f"""/* Made by "manage.py make_letters" (Noto Sans, OFL 1.1): what the device has, our small font, the whole one. */

@font-face {{ font-family: "Letters here"; font-weight: 400; src: {regular}; unicode-range: {ranges}; }}
@font-face {{ font-family: "Letters here"; font-weight: 700; src: {bold}; unicode-range: {ranges}; }}
@font-face {{ font-family: "Letters"; font-display: swap; src: url("{whole}") format("woff2"); unicode-range: {ranges}; }}
@font-face {{ font-family: "Letters"; font-display: swap; src: url("{script}.woff2") format("woff2"); unicode-range: {few}; }}

:root, [data-bs-theme] {{ --face: "Atkinson Hyperlegible", "Letters here", "Letters", system-ui, sans-serif; }}
"""
