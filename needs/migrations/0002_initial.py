import django.db.models.deletion
import django.db.models.fields.json
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("needs", "0001_initial"),
        ("volunteers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="aid",
            name="association",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="aid",
                to="volunteers.association",
            ),
        ),
        migrations.AddField(
            model_name="aid",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="aid",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="callattempt",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="capacity",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="capacities", to="volunteers.association"
            ),
        ),
        migrations.AddField(
            model_name="coldplan",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="coldplan",
            name="territory",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="cold_plans", to="volunteers.territory"
            ),
        ),
        migrations.AddField(
            model_name="coldtrigger",
            name="territory",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="cold_trigger", to="volunteers.territory"
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="association",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to="volunteers.association"
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="volunteer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="commitments", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="commitmentpart",
            name="commitment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="needs.commitment"
            ),
        ),
        migrations.AddField(
            model_name="crisis",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="crisiscategory",
            name="crisis",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="categories", to="needs.crisis"
            ),
        ),
        migrations.AddField(
            model_name="encounter",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="encounters", to="volunteers.association"
            ),
        ),
        migrations.AddField(
            model_name="encounter",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="encounters",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="erasure",
            constraint=models.UniqueConstraint(fields=("kind", "digest"), name="erased_once"),
        ),
        migrations.AddField(
            model_name="feedback",
            name="commitment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="feedback", to="needs.commitment"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="commitment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="hand_overs", to="needs.commitment"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="to",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="association",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="volunteers.association"
            ),
        ),
        migrations.AddField(
            model_name="encounter",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="needs.importrun",
            ),
        ),
        migrations.AddField(
            model_name="citizenreport",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="needs.importrun",
            ),
        ),
        migrations.AddField(
            model_name="aid",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="needs.importrun",
            ),
        ),
        migrations.AddField(
            model_name="languagereview",
            name="recorded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.CreateModel(
            name="NeedLock",
            fields=[
                (
                    "need",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="lock",
                        serialize=False,
                        to="needs.need",
                    ),
                ),
                ("taken_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="need",
            name="association",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="needs",
                to="volunteers.association",
            ),
        ),
        migrations.AddField(
            model_name="need",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="needs",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="need",
            name="crisis",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="needs",
                to="needs.crisis",
            ),
        ),
        migrations.AddField(
            model_name="need",
            name="crisis_category",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="needs.crisiscategory",
            ),
        ),
        migrations.AddField(
            model_name="need",
            name="encounter",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="needs",
                to="needs.encounter",
            ),
        ),
        migrations.AddField(
            model_name="need",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="needs.importrun",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="kept",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="merged_here", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="merged",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="merges", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="commitmentpart",
            name="need",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.need"),
        ),
        migrations.AddField(
            model_name="commitment",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="commitments", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="callattempt",
            name="need",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="calls", to="needs.need"),
        ),
        migrations.AddField(
            model_name="aid",
            name="need",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="aid", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="needphoto",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="photos", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="needstep",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="needstep",
            name="need",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="needs.need"),
        ),
        migrations.AddField(
            model_name="notduplicate",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="notduplicate",
            name="one",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.need"),
        ),
        migrations.AddField(
            model_name="notduplicate",
            name="other",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.need"),
        ),
        migrations.AddField(
            model_name="plannedtour",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="planned_tours", to="volunteers.association"
            ),
        ),
        migrations.AddField(
            model_name="plannedtour",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="need",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to="needs.need"
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="volunteer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="questionset",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="question_sets", to="volunteers.association"
            ),
        ),
        migrations.AddField(
            model_name="questionset",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="of",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="questions", to="needs.questionset"
            ),
        ),
        migrations.AddField(
            model_name="encounter",
            name="question_set",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="encounters",
                to="needs.questionset",
            ),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(fields=["filed_at"], name="receipt_filed_at"),
        ),
        migrations.AddField(
            model_name="relayedmessage",
            name="commitment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="relayed", to="needs.commitment"
            ),
        ),
        migrations.AddField(
            model_name="relayedmessage",
            name="passed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="retraction",
            name="author",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="savedsearch",
            name="association",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_searches",
                to="volunteers.association",
            ),
        ),
        migrations.AddField(
            model_name="savedsearch",
            name="crisis",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.crisis"
            ),
        ),
        migrations.AddField(
            model_name="savedsearch",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="saved_searches", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="seat",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="taken", to="needs.plannedtour"
            ),
        ),
        migrations.AddField(
            model_name="seat",
            name="volunteer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="seats", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="tour",
            name="association",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tours", to="volunteers.association"
            ),
        ),
        migrations.AddField(
            model_name="tour",
            name="author",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="tours_started",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tour",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="needs.importrun",
            ),
        ),
        migrations.AddField(
            model_name="plannedtour",
            name="tour",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="plan",
                to="needs.tour",
            ),
        ),
        migrations.AddField(
            model_name="encounter",
            name="tour",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="encounters",
                to="needs.tour",
            ),
        ),
        migrations.AddField(
            model_name="tourcell",
            name="tour",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="cells", to="needs.tour"),
        ),
        migrations.AddField(
            model_name="voicenote",
            name="encounter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="voice_notes", to="needs.encounter"
            ),
        ),
        migrations.AddConstraint(
            model_name="capacity",
            constraint=models.UniqueConstraint(fields=("association", "kind"), name="one_capacity_per_kind"),
        ),
        migrations.AddConstraint(
            model_name="crisiscategory",
            constraint=models.UniqueConstraint(
                models.F("crisis"),
                django.db.models.fields.json.KeyTextTransform("en", "names"),
                name="a_category_once_per_crisis",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.UniqueConstraint(fields=("commitment", "side"), name="one_feedback_per_side"),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answer", "")),
                fields=("commitment", "to"),
                name="one_open_hand_over_per_commitment_and_person",
            ),
        ),
        migrations.AddIndex(
            model_name="citizenreport",
            index=models.Index(fields=["cell", "at"], name="citizenreport_cell_at"),
        ),
        migrations.AddIndex(
            model_name="citizenreport",
            index=models.Index(fields=["at"], name="citizenreport_at"),
        ),
        migrations.AddField(
            model_name="needlock",
            name="holder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(fields=["cell", "at"], name="need_cell_at"),
        ),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(fields=["at"], name="need_at"),
        ),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(fields=["state", "at"], name="need_state_at"),
        ),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(
                condition=models.Q(("follow_hash", ""), _negated=True), fields=["follow_hash"], name="need_follow"
            ),
        ),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(
                condition=models.Q(("crisis", None), _negated=True), fields=["crisis", "at"], name="need_crisis_at"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)), fields=("merged",), name="merged_into_one_need"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", models.F("merged")), _negated=True), name="not_merged_with_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="commitmentpart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("held", True)), fields=("need", "kind"), name="one_holder_per_kind_of_a_need"
            ),
        ),
        migrations.AddConstraint(
            model_name="commitmentpart",
            constraint=models.UniqueConstraint(fields=("commitment", "kind"), name="a_kind_once_per_commitment"),
        ),
        migrations.AddIndex(
            model_name="commitment",
            index=models.Index(fields=["state", "expires_at"], name="commitment_state_expiry"),
        ),
        migrations.AddIndex(
            model_name="aid",
            index=models.Index(fields=["cell", "at"], name="aid_cell_at"),
        ),
        migrations.AddIndex(
            model_name="aid",
            index=models.Index(fields=["at"], name="aid_at"),
        ),
        migrations.AddIndex(
            model_name="needstep",
            index=models.Index(fields=["need", "at"], name="needstep_need_at"),
        ),
        migrations.AddConstraint(
            model_name="notduplicate",
            constraint=models.UniqueConstraint(fields=("one", "other"), name="not_duplicate_once"),
        ),
        migrations.AddConstraint(
            model_name="notduplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(("one__lt", models.F("other"))), name="not_duplicate_ordered"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answer", "")),
                fields=("need", "volunteer"),
                name="one_open_proposal_per_need_and_volunteer",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionset",
            constraint=models.UniqueConstraint(
                fields=("association", "version"), name="a_question_set_once_per_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(fields=("of", "key"), name="a_question_once_per_version"),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(fields=("of", "position"), name="a_place_once_per_version"),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(condition=models.Q(("position__lt", 10)), name="ten_questions_at_most"),
        ),
        migrations.AddConstraint(
            model_name="retraction",
            constraint=models.UniqueConstraint(fields=("kind", "report"), name="one_retraction_per_report"),
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.UniqueConstraint(fields=("user", "page", "name"), name="a_search_once_per_name"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(fields=("plan", "volunteer"), name="one_seat_per_volunteer"),
        ),
        migrations.AddIndex(
            model_name="tour",
            index=models.Index(fields=["at"], name="tour_at"),
        ),
        migrations.AddConstraint(
            model_name="plannedtour",
            constraint=models.UniqueConstraint(fields=("series", "start"), name="a_plan_once_per_series_and_start"),
        ),
        migrations.AddIndex(
            model_name="encounter",
            index=models.Index(fields=["cell", "at"], name="encounter_cell_at"),
        ),
        migrations.AddIndex(
            model_name="encounter",
            index=models.Index(fields=["at"], name="encounter_at"),
        ),
        migrations.AddIndex(
            model_name="encounter",
            index=models.Index(fields=["tour"], name="encounter_tour"),
        ),
        migrations.AddIndex(
            model_name="tourcell",
            index=models.Index(fields=["cell"], name="tourcell_cell"),
        ),
        migrations.AddConstraint(
            model_name="tourcell",
            constraint=models.UniqueConstraint(fields=("tour", "cell"), name="a_cell_once_per_tour"),
        ),
        migrations.AddConstraint(
            model_name="tourcell",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes", None), ("minutes__gte", 0), _connector="OR"),
                name="tour_minutes_not_negative",
            ),
        ),
    ]
