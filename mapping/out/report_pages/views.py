"""Zone reports and files, for the coordinators of the territory. Everybody else gets 404."""

from typing import IO, Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.enums import Edition, ExportFormat, ExportState
from mapping.map.releases import reading
from mapping.models import Export, ZoneReport
from mapping.out.exports import export_jobs, hxl_columns, report_files
from mapping.out.report_figures.report_period import Period
from mapping.out.report_pages import agreement_views
from mapping.out.report_pages.forms import FileForm, ReportForm, RowsForm
from mapping.out.zone_reports import report_presenter
from mapping.out.zone_reports.compose import make_report
from mapping.out.zone_reports.external import external_figures, external_presenter, status_presenter, status_report
from mapping.out.zone_reports.external.external_report import NothingPublished, make_external_report
from mapping.out.zone_reports.field_words import quoting
from mapping.out.zone_reports.report_wording import period_words
from solidarity.lib.files import hxl_tags
from volunteers.models import Territory
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

REPORTS_SHOWN = 20
EXPORTS_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
def reports(request: Request) -> HttpResponse:
    """Choose an edition, a territory and a period; list the reports made so far."""
    _coordinators_only(request)
    if request.method == "POST":
        form = ReportForm(request.POST, viewer=request.viewer)
        covered = _other_days(form) if form.is_valid() else None
        if form.is_valid() and covered is None and (made := _made(request, form)):
            _noted(request, Verb.REPORT_MADE, made, edition=made.edition)
            return redirect("mapping:report", key=made.pk)
        return _reports_page(request, form, RowsForm(viewer=request.viewer, auto_id="rows_%s"), 422, covered)
    first = _first(request)
    return _reports_page(
        request,
        ReportForm(viewer=request.viewer, initial=first),
        RowsForm(viewer=request.viewer, initial=first, auto_id="rows_%s"),
    )


def _other_days(form: ReportForm) -> Period | None:
    """Return the days that an external report would cover if they are others than the chosen ones and the reader has
    not agreed to them yet."""
    if form.cleaned_data["edition"] != Edition.EXTERNAL:
        return None
    territory = form.cleaned_data["territory"]
    covered = external_figures.covered(form.period) or status_report.days_covered(territory, form.period)
    agreed = covered is None or covered == form.period or form.cleaned_data["covers"] == _agreement(covered)
    return None if agreed else covered


def _agreement(covered: Period) -> str:
    return f"{covered.start.isoformat()}/{covered.end.isoformat()}"


def _made(request: Request, form: ReportForm) -> ZoneReport | None:
    """Make the report of a valid form; add an error to the form if nothing is published for it."""
    chosen = form.cleaned_data
    make = make_external_report if chosen["edition"] == Edition.EXTERNAL else make_report
    try:
        return make(chosen["territory"], form.period, request.user, chosen.get("issuer"), chosen["recipient"])
    except NothingPublished as reason:
        form.add_error("start", str(reason))
        return None


def _noted(request: Request, verb: Verb, thing: ZoneReport | Export, **details: Any) -> None:
    """Record an action on a report or a file in the audit log."""
    kind = "report" if isinstance(thing, ZoneReport) else "export"
    days = {"days": (thing.end - thing.start).days}
    recording.record(
        request.user,
        verb,
        kind,
        thing.pk,
        purpose=Purpose.STATISTICS,
        scope=thing.territory.slug,
        details=days | details,
    )


def _coordinators_only(request: Request) -> None:
    if not Territory.objects.coordinated_by(request.viewer).exists():
        raise Http404


def _first(request: Request) -> dict[str, Any]:
    """Return the territory that the form first shows: the one in the address, or else the one viewed last."""
    slug = request.GET.get("territory") or request.session.get(reading.SESSION_KEY)
    return {"territory": slug} if slug else {}


def _reports_page(
    request: Request, form: ReportForm, rows_form: RowsForm, status: int = 200, covered: Period | None = None
) -> HttpResponse:
    """Render the page. covered: the days to which the reader has to agree first."""
    context = {
        "covered": covered and {"days": period_words(covered.start, covered.end), "agreement": _agreement(covered)},
        "form": form,
        "rows_form": rows_form,
        "pairs": agreement_views.pairs_for(request, form),
        "reports": export_jobs.reports_of(request.viewer)
        .select_related("territory", "author")
        .defer("payload", "territory__polygon")[:REPORTS_SHOWN],
        "exports": export_jobs.exports_of(request.viewer).defer("territory__polygon")[:EXPORTS_SHOWN],
    }
    return render(request, "mapping/zone_reports/reports.html", context, status=status)


@require_safe
def report(request: Request, key: UUID) -> HttpResponse:
    """A frozen report, to read and to print."""
    found = export_jobs.report_for(request.viewer, key)
    _noted(request, Verb.REPORT_READ, found)
    exports = export_jobs.exports_of(request.viewer).filter(report=found).select_related("territory", "report")
    made = {export.format: export for export in reversed(exports) if not export_jobs.is_outdated(export)}
    if found.without_counts:
        page: Any = status_presenter.present(found)
    else:
        page = external_presenter.present(found) if found.external else report_presenter.present(found)
    context = {
        "report": found,
        "page": page,
        "quotes_open": quoting.is_open(found),
        "files": [(format, use, made.get(format)) for format, use in report_files.uses_of(found)],
    }
    if found.without_counts:
        return render(request, "mapping/zone_reports/status_report.html", context)
    template = "mapping/zone_reports/external_report.html" if found.external else "mapping/zone_reports/report.html"
    return render(request, template, context)


@require_POST
def report_file(request: Request, key: UUID) -> HttpResponse:
    """Request a file of a report."""
    found = export_jobs.report_for(request.viewer, key)
    form = FileForm(request.POST)
    if not form.is_valid():
        raise Http404
    reauthentication.require(request)
    export = export_jobs.ask_for_report_file(found, ExportFormat(form.cleaned_data["format"]), request.user)
    _noted(request, Verb.EXPORT_ASKED, export, format=export.format, kind=export.kind)
    return _follow(request, export)


@require_POST
def export_rows(request: Request) -> HttpResponse:
    """Request a file of the ledger's reports, one per row."""
    _coordinators_only(request)
    form = RowsForm(request.POST, viewer=request.viewer, auto_id="rows_%s")
    if not form.is_valid():
        return _reports_page(request, ReportForm(viewer=request.viewer), form, status=422)
    reauthentication.require(request)
    export = export_jobs.ask_for_rows(
        form.cleaned_data["territory"], form.period, ExportFormat(form.cleaned_data["format"]), request.user
    )
    _noted(request, Verb.EXPORT_ASKED, export, format=export.format, kind=export.kind)
    return _follow(request, export, "mapping/zone_reports/report_export.html")


def _follow(request: Request, export: Any, part: str = "mapping/zone_reports/report_export_state.html") -> HttpResponse:
    if request.htmx:
        return render(request, part, {"export": export})
    return redirect("mapping:export", key=export.pk)


@require_safe
def export(request: Request, key: UUID) -> HttpResponse:
    """The progress of a file: the whole page, or only the line that the page requests every second."""
    found = export_jobs.export_for(request.viewer, key)
    template = (
        "mapping/zone_reports/report_export_state.html"
        if request.htmx
        else "mapping/zone_reports/report_export_page.html"
    )
    return render(request, template, {"export": found})


@require_POST
def export_retry(request: Request, key: UUID) -> HttpResponse:
    """Request a failed file again."""
    found = export_jobs.export_for(request.viewer, key)
    reauthentication.require(request)
    export_jobs.retry(found)
    found.refresh_from_db()
    return _follow(request, found)


@require_safe
def export_file(request: Request, key: UUID) -> FileResponse | StreamingHttpResponse | HttpResponse:
    """Download the file; a CSV file with HXL tags if the reader asks for them."""
    found = export_jobs.export_for(request.viewer, key)
    if found.state != ExportState.DONE:
        raise Http404
    if export_jobs.is_outdated(found):
        messages.error(request, _("The teams’ words in this report have changed. Make the file again."))
        return redirect("mapping:report", key=found.report_id)
    reauthentication.require(request, back=reverse("mapping:export", args=[key]))
    _noted(request, Verb.EXPORT_FETCHED, found, format=found.format, kind=found.kind)
    try:
        stream = export_jobs.path_of(found).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    if hxl_tags.wanted(request) and found.format in hxl_columns.DELIMITERS:
        return _tagged(found, stream)
    return FileResponse(
        stream,
        as_attachment=True,
        filename=export_jobs.file_name(found),
        content_type=ExportFormat(found.format).content_type,
    )


def _tagged(found: Export, stream: IO[bytes]) -> StreamingHttpResponse:
    content = hxl_tags.streamed(stream, hxl_columns.tags_of(found), hxl_columns.DELIMITERS[found.format])
    response = StreamingHttpResponse(content, content_type=ExportFormat(found.format).content_type)
    response["Content-Disposition"] = f'attachment; filename="hxl-{export_jobs.file_name(found)}"'
    return response
