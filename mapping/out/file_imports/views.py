"""Import of files, for the dispatchers of the association and administrators. Everybody else gets 404."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mapping.out.file_imports import import_jobs, import_preview, place_jobs
from mapping.out.file_imports import incoming_files as files
from mapping.out.file_imports.forms import MappingForm, SaveMappingForm, UploadForm, UseMappingForm
from mapping.out.file_imports.models import FileImport, FileSubject, ImportState, SavedMapping
from mapping.out.file_imports.reason_words import PROBLEMS
from needs.reports.importers.any_table.column_mapping import ColumnMapping, RowKind
from solidarity.lib.http.large_files import takes_files
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit.verbs import Verb

SHOWN = 20
EDITABLE = (ImportState.MAPPING, ImportState.CHECKED, ImportState.FAILED)


@require_http_methods(["GET", "HEAD", "POST"])
@takes_files(2 * files.MOST_BYTES)  # the form explains what is larger than allowed
def imports(request: Request) -> HttpResponse:
    """Upload a file; list the past imports."""
    files.associations_of(request.viewer)
    subject = {"subject": FileSubject.PLACES} if request.GET.get("subject") == FileSubject.PLACES else {}
    form = UploadForm(request.POST or None, request.FILES or None, viewer=request.viewer, initial=subject)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            said = form.cleaned_data
            try:
                found = files.receive(
                    said["file"], said["association"], said["territory"], request.user, said["subject"]
                )
            except files.TooMany as refusal:
                form.add_error("file", str(refusal))
            else:
                return redirect("mapping:file_import", found.pk)
        status = 422
    context = {"form": form, "imports": files.imports_of(request.viewer)[:SHOWN]}
    return render(request, "mapping/file_imports/imports.html", context, status=status)


@require_safe
def file_import(request: Request, key: UUID) -> HttpResponse:
    """One import: its columns, preview, progress or result. With htmx, only its progress."""
    found = files.import_for(request.viewer, key)
    if request.htmx:
        if not found.is_working:
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("mapping:file_import", args=[key])})
        return render(request, "mapping/file_imports/progress.html", {"found": found})
    return _page(request, found)


def _page(request: Request, found: FileImport, form: MappingForm | None = None, status: int = 200) -> HttpResponse:
    editable = found.state in EDITABLE and found.columns and found.run_id is None
    context: dict[str, Any] = {
        "found": found,
        "problem": PROBLEMS.get(found.problem, ""),
        "outcomes": import_preview.outcomes(found),
        "reasons": import_preview.reasons(found),
        "live": import_preview.what_goes_live(found),
        "may_undo": import_jobs.may_undo(found),
        "has_log": files.log_path(found).is_file(),
        "zone": found.mapping.get("time_zone", ""),
        "guide": place_jobs.guide_name(found),
    }
    if found.subject == FileSubject.PLACES:
        context["preview"] = place_jobs.preview(found)
    elif editable:
        context |= {
            "form": form or MappingForm(found=found),
            "preview": import_preview.first_rows(found),
            "save_form": SaveMappingForm(),
            "use_form": UseMappingForm(found=found),
        }
    return render(request, "mapping/file_imports/import.html", context, status=status)


@require_POST
def import_mapping(request: Request, key: UUID) -> HttpResponse:
    """Store the mapping; then show the preview again, read the file again, or begin the dry run."""
    found = files.import_for(request.viewer, key)
    if found.state not in EDITABLE or not found.columns or found.run_id is not None:
        return redirect("mapping:file_import", key)
    form = MappingForm(request.POST, found=found)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    reading = form.reading()
    chosen = form.mapping
    if chosen.columns.get("date") != found.mapping.get("columns", {}).get("date"):
        chosen = import_jobs.with_age(found, chosen)
    mapping = chosen.as_json()
    again = any(value and value != getattr(found, name) for name, value in reading.items())
    if again:
        import_jobs.ask(found, EDITABLE, ImportState.READING, mapping=mapping, **reading)
    elif request.POST.get("then") == "check":
        import_jobs.ask(found, EDITABLE, ImportState.CHECKING, mapping=mapping)
    else:
        FileImport.objects.filter(pk=found.pk, state__in=EDITABLE, run=None).update(
            mapping=mapping, state=ImportState.MAPPING, totals={}, problem=""
        )
    return redirect("mapping:file_import", key)


@require_POST
def import_saved(request: Request, key: UUID) -> HttpResponse:
    """Save the mapping under a name, or use a saved mapping."""
    found = files.import_for(request.viewer, key)
    if request.POST.get("then") == "save":
        form = SaveMappingForm(request.POST)
        if form.is_valid():
            SavedMapping.objects.update_or_create(
                association=found.association, name=form.cleaned_data["name"], defaults={"mapping": found.mapping}
            )
            messages.success(request, _("The mapping is saved for your association."))
        return redirect("mapping:file_import", key)
    use = UseMappingForm(request.POST, found=found)
    if use.is_valid() and found.state in EDITABLE and found.run_id is None:
        saved = ColumnMapping.from_json(use.rows[use.cleaned_data["saved"]].mapping)
        labels = {**import_jobs.known_labels(found.association), **saved.labels}
        chosen = replace(saved, labels=labels)
        if chosen.kind == RowKind.NEED:  # what was said about the age of another file must not put old needs live
            chosen = import_jobs.with_age(found, chosen)
        FileImport.objects.filter(pk=found.pk, run=None).update(
            mapping=chosen.as_json(), state=ImportState.MAPPING, totals={}, problem=""
        )
    return redirect("mapping:file_import", key)


@require_POST
def import_run(request: Request, key: UUID) -> HttpResponse:
    """Begin the import after a dry run, or continue a failed import."""
    found = files.import_for(request.viewer, key)
    reauthentication.require(request)
    before = (ImportState.CHECKED,) if found.run_id is None else (ImportState.FAILED,)
    import_jobs.ask(found, before, ImportState.RUNNING)
    return redirect("mapping:file_import", key)


@require_POST
def import_undo(request: Request, key: UUID) -> HttpResponse:
    """Begin to undo a whole import."""
    found = files.import_for(request.viewer, key)
    reauthentication.require(request)
    if import_jobs.may_undo(found):
        import_jobs.ask(found, (ImportState.DONE, ImportState.FAILED), ImportState.UNDOING)
    return redirect("mapping:file_import", key)


@require_POST
def import_discard(request: Request, key: UUID) -> HttpResponse:
    """Delete an import that has stored no reports or places."""
    found = files.import_for(request.viewer, key)
    if files.discard(found):
        messages.success(request, _("The file is deleted. Nothing was imported."))
        return redirect("mapping:file_imports")
    return redirect("mapping:file_import", key)


@require_safe
def import_log(request: Request, key: UUID) -> FileResponse:
    """Download the row log as CSV."""
    found = files.import_for(request.viewer, key)
    path = files.log_path(found)
    if found.is_working or not path.is_file():
        raise Http404
    files.note(request.user, Verb.EXPORT_FETCHED, found, kind="import_log")
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"import-{found.made_at:%Y-%m-%d}-log.csv",
        content_type="text/csv",
    )
