from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = _("Needs and encounters")

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from needs.base.attachments import photos, voice_notes
        from needs.base.retention_rules.retention_periods import refuse_unsafe
        from needs.base.undo import undoing
        from needs.conversations import danger_quotes as conversation_quotes
        from needs.conversations import message_content, subjects
        from needs.conversations.moderation import contents, moderation_retention
        from needs.conversations.moderation_desk import undo as moderation_undo
        from needs.crises.declared import contents as crises_contents
        from needs.crises.declared import features as crises_features
        from needs.crises.declared import undo as crises_undo
        from needs.doors.retention import retention_rules
        from needs.guide.declared import contents as guide_contents
        from needs.guide.declared import features as guide_features
        from needs.guide.declared import undo as guide_undo
        from needs.guide.find_help import walk_ins
        from needs.guide.places import guide_retention
        from needs.help.assignments import answering
        from needs.help.commitments import ending
        from needs.help.declared import contents as help_contents
        from needs.help.declared import danger_quotes as help_quotes
        from needs.help.declared import features as help_features
        from needs.help.declared import undo as help_undo
        from needs.help.following import news_sending, reporter_news
        from needs.help.reporter_messages.reporter_subjects import AboutCommitment, AboutNeed
        from needs.help.triage import need_locks
        from needs.help.triage.working_list import desk_lines, help_lines
        from needs.messages.channels import channel_retention, news_by_message, reporter_announcements
        from needs.messages.channels import danger_quotes as channel_quotes
        from needs.messages.declared import features as messages_features
        from needs.messages.message_desk import message_desk_lines
        from needs.neighbours.declared import contents as neighbours_contents
        from needs.neighbours.declared import features as neighbours_features
        from needs.neighbours.declared import undo as neighbours_undo
        from needs.neighbours.giving import thing_retention
        from needs.neighbours.groups import group_membership, group_retention
        from needs.neighbours.groups.group_subject import AboutGroup
        from needs.neighbours.lending import item_changes
        from needs.neighbours.loans import loan_endings
        from needs.neighbours.loans.loan_subject import AboutLoan
        from needs.neighbours.local_events import event_retention, joining, walk_in_events
        from needs.neighbours.local_events.event_subject import AboutEvent
        from needs.reports import undo as reports_undo
        from needs.reports.danger import alarm_quotes
        from needs.signals import need_moved, reporter_answered, tour_over
        from needs.tours.declared import contents as tours_contents
        from needs.tours.declared import features as tours_features
        from needs.tours.declared import undo as tours_undo
        from needs.tours.tour_seats import seats
        from needs.tours.tour_seats.crew_thread import AboutTour
        from needs.tours.tour_stops import stop_outcomes
        from solidarity.lib.site import features
        from volunteers.models import Membership, User, Vouch
        from volunteers.signals import account_blocked, membership_ended, vouch_ended, work_area_ended

        features.register(
            tours_features.TOURS,
            help_features.DESK,
            crises_features.CRISES,
            guide_features.GUIDE,
            neighbours_features.LENDING,
            neighbours_features.EVENTS,
            messages_features.MESSAGES,
        )
        for wing in (reports_undo, help_undo, moderation_undo, guide_undo, tours_undo, neighbours_undo, crises_undo):
            undoing.register(wing.ACTIONS)
        subjects.register(AboutCommitment, AboutNeed, AboutTour, AboutLoan, AboutEvent, AboutGroup)
        for texts in (
            message_content,
            help_contents,
            tours_contents,
            guide_contents,
            crises_contents,
            neighbours_contents,
        ):
            contents.register(texts.CONTENTS)
        for quotes in (conversation_quotes, help_quotes, channel_quotes):
            alarm_quotes.register(quotes.QUOTES)
        desk_lines.register(*help_lines.SOURCES, message_desk_lines.SOURCE)
        news_sending.answer_by(news_by_message.answer)
        walk_ins.register(walk_in_events.around)
        refuse_unsafe()
        retention_rules.register_rules()
        guide_retention.register_rules()
        event_retention.register_rules()
        thing_retention.register_rules()
        channel_retention.register_rules()
        group_retention.register_rules()
        moderation_retention.register_rules()
        post_delete.connect(photos.delete_file, sender="needs.NeedPhoto", dispatch_uid="photo files")
        post_delete.connect(voice_notes.delete_file, sender="needs.VoiceNote", dispatch_uid="voice files")
        post_delete.connect(item_changes.delete_photo_file, sender="needs.ItemPhoto", dispatch_uid="item photo files")
        post_delete.connect(
            loan_endings.delete_file, sender="needs.ConditionNote", dispatch_uid="condition photo files"
        )
        need_moved.connect(ending.end_with_need, dispatch_uid="commitments follow their need")
        need_moved.connect(answering.follow_need, dispatch_uid="assignments follow their need")
        tour_over.connect(stop_outcomes.leave_undone, dispatch_uid="needs of tours that are over")
        need_moved.connect(reporter_news.tell_step, dispatch_uid="reporters hear of steps")
        reporter_answered.connect(reporter_announcements.tell_reporter, dispatch_uid="reporters hear of messages")
        membership_ended.connect(
            need_locks.release_on_departure, sender=Membership, dispatch_uid="need locks of former dispatchers"
        )
        membership_ended.connect(
            ending.give_back_on_departure, sender=Membership, dispatch_uid="commitments of former members"
        )
        vouch_ended.connect(ending.give_back_without_vouch, sender=Vouch, dispatch_uid="commitments without a vouch")
        work_area_ended.connect(ending.give_back_elsewhere, dispatch_uid="commitments outside the area")
        account_blocked.connect(ending.give_back_all, sender=User, dispatch_uid="commitments of blocked accounts")
        account_blocked.connect(need_locks.release_all, sender=User, dispatch_uid="need locks of blocked accounts")
        account_blocked.connect(seats.leave_all, sender=User, dispatch_uid="seats of blocked accounts")
        vouch_ended.connect(seats.leave_unknown, sender=Vouch, dispatch_uid="seats without a vouch")
        membership_ended.connect(seats.leave_on_departure, sender=Membership, dispatch_uid="seats of former members")
        account_blocked.connect(joining.leave_all, sender=User, dispatch_uid="events of blocked accounts")
        vouch_ended.connect(joining.leave_unseen, sender=Vouch, dispatch_uid="events without a vouch")
        membership_ended.connect(joining.leave_on_departure, sender=Membership, dispatch_uid="events of former members")
        account_blocked.connect(loan_endings.end_all, sender=User, dispatch_uid="loans of blocked accounts")
        account_blocked.connect(group_membership.leave_all, sender=User, dispatch_uid="groups of blocked accounts")
        post_delete.connect(
            group_membership.member_gone, sender="needs.GroupMember", dispatch_uid="groups without a host"
        )
