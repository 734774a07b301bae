"""The files of the guide, for everybody."""

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from needs.guide.places.exports import guide_exports
from needs.guide.places.exports.guide_exports import TYPES, GuideFormat
from needs.guide.places.exports.place_tables import COLUMNS
from solidarity.lib.files import hxl_tags
from solidarity.lib.http.byte_ranges import ranged
from volunteers.people.accounts.http_types import Request


@require_safe
def guide_file(request: Request, chosen: str) -> HttpResponseBase:
    """The whole guide as a file."""
    if chosen not in GuideFormat.values:
        raise Http404
    kind = GuideFormat(chosen)
    file = guide_exports.file_of(kind, timezone.now())
    if kind == GuideFormat.CSV and hxl_tags.wanted(request):
        tags = hxl_tags.tags_of("guide", COLUMNS)
        answer: HttpResponseBase = StreamingHttpResponse(
            hxl_tags.streamed(file.open("rb"), tags), content_type=TYPES[kind], headers={"Cache-Control": "no-cache"}
        )
        answer.headers["Content-Disposition"] = 'attachment; filename="places-hxl.csv"'
        return answer
    answer = ranged(request, file, etag=f'"{file.stem}"', content_type=TYPES[kind], cache="no-cache")
    answer.headers["Content-Disposition"] = f'attachment; filename="places.{chosen}"'
    return answer
