"""Static files with a hash of their content in the name, compressed once, and cached by browsers for a year.

``collectstatic`` writes them, scripts without comments and indentation. A source file that changes gets a new name, and so do
the files that refer to it.
"""

import fnmatch
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage
from rjsmin import jsmin
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

YEAR = 365 * 24 * 3600
_LISTED = 5  # maximum number of names in an error message


def _is_used(name: str) -> bool:
    return not name.startswith("vendor/") or any(fnmatch.fnmatchcase(name, each) for each in settings.VENDOR_FILES)


class UsedFiles(FileSystemFinder):
    """Our own files, and the files of npm packages that ``VENDOR_FILES`` names. The packages contain ten times as many
    files."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for path, storage in super().list(ignore_patterns):
            name = f"{storage.prefix}/{path}" if storage.prefix else path
            if _is_used(name):
                yield path, storage

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        return super().find_location(root, path, prefix) if _is_used(path) else None


class UsedAppFiles(AppDirectoriesFinder):
    """Files of installed apps, without the pages of REST framework, which are switched off."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        yield from super().list([*(ignore_patterns or ()), "rest_framework"])


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Files named after their content, as they are collected. References between them are rewritten in style sheets
    and in scripts (``import``, ``import()`` and ``new URL(…, import.meta.url)``); a reference to a missing file stops
    the collection."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # the longest chain of imports; more passes mean that modules import each other
    patterns = (
        ("*.css", (r"""(?P<matched>url\((?P<quote>['"]{0,1})\s*(?P<url>.*?)(?P=quote)\))""",)),
        (
            "*.js",
            (
                (
                    r"""(?P<matched>new URL\(["'](?P<url>[./].*?)["'], import\.meta\.url\))""",
                    """new URL("%(url)s", import.meta.url)""",
                ),
            ),
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._addresses: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """Return the address of a file. A page asks for that of its icons a hundred times, and collected files change with
        the process only."""
        if force or settings.DEBUG:
            return str(super().url(name, force))
        if name not in self._addresses:
            self._addresses[name] = str(super().url(name))
        return self._addresses[name]

    def compress_files(self, paths: set[str]) -> Iterator[tuple[str, str]]:
        """Remove comments and indentation from the scripts with a hash, and compress all files with a hash, if an
        earlier collection has not done so."""
        hashed = paths & set(self.hashed_files.values())
        fresh = {name for name in hashed if not Path(self.path(name) + ".br").exists()}
        for path in (Path(self.path(name)) for name in fresh if name.endswith(".js")):
            path.write_text(jsmin(path.read_text(encoding="utf-8")), encoding="utf-8")
        yield from super().compress_files(fresh)

    def refuse_incomplete(self) -> None:
        """Raise ImproperlyConfigured if files are not collected, or belong to another version."""
        own = Path(str(settings.STATICFILES_DIRS[0]))
        names = {path.relative_to(own).as_posix() for path in own.rglob("*") if path.is_file()}
        missing = sorted(name for name in names if name not in self.hashed_files)
        missing += sorted(name for name in self.hashed_files.values() if not Path(self.path(name)).is_file())
        if missing:
            shown = ", ".join(missing[:_LISTED]) + (" …" if len(missing) > _LISTED else "")
            raise ImproperlyConfigured(
                f"{len(missing)} static files are not collected in {settings.STATIC_ROOT}: {shown}. "
                "Run: manage.py collectstatic --noinput"
            )


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Static files from the folder of collected files, or in development from their sources."""

    FOREVER = YEAR

    def __init__(self, get_response: Any = None, settings: Any = settings) -> None:
        """Raise ImproperlyConfigured if the server starts with incomplete files, because pages would lack their
        styles."""
        from django.contrib.staticfiles.storage import staticfiles_storage

        if isinstance(staticfiles_storage, HashedFiles):
            staticfiles_storage.refuse_incomplete()
        super().__init__(get_response, settings)
