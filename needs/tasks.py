"""Celery tasks: thin, safe to run twice, each with its own time limit."""

from celery import shared_task

from needs.base.dispatch_scope import unopened
from needs.conversations.moderation import public_figures
from needs.doors.association_figures import monthly_figures
from needs.doors.retention import runner
from needs.help.assignments import assignment_clock
from needs.help.commitments import ending, extending
from needs.help.following import news_sending
from needs.help.matching import proposals
from needs.help.saved_searches import alerts
from needs.help.triage import ageing
from needs.messages.channels import outbound_sending
from needs.messages.channels.mail import fetching
from needs.messages.dialogue import message_reading
from needs.neighbours.lending import wishes
from needs.neighbours.loans import loan_clock
from needs.neighbours.local_events import event_news, joining
from needs.reports.danger import announcing
from needs.tours import planning
from needs.tours.tour_seats import seat_news, seats


@shared_task(name="needs.tasks.forget", soft_time_limit=3000, time_limit=3600)
def forget() -> dict[str, int]:
    """Delete all data past its retention period (docs/retention.md)."""
    return runner.run().counts


@shared_task(name="needs.tasks.count_figures", soft_time_limit=1700, time_limit=1800)
def count_figures() -> int:
    """Store the monthly figures of associations and of moderation, before the counted data is erased."""
    return monthly_figures.count() + public_figures.count()


@shared_task(name="needs.tasks.fill_plans", soft_time_limit=240, time_limit=300)
def fill_plans() -> int:
    """Create the planned tours of the next four weeks from series that repeat every week."""
    return planning.fill()


@shared_task(name="needs.tasks.look_after_seats", soft_time_limit=200, time_limit=240)
def look_after_seats() -> dict[str, int]:
    """Give free seats to people on waiting lists; remind people of the tours that they joined."""
    return {"moved_up": seats.move_up_everywhere(), "reminded": seat_news.remind()}


@shared_task(name="needs.tasks.end_and_remind_commitments", soft_time_limit=100, time_limit=120)
def end_and_remind_commitments() -> dict[str, int]:
    """End expired commitments; remind the holders of commitments that end soon, and groups that have not answered."""
    return {"expired": ending.expire(), "reminded": extending.remind()} | {
        f"assignments_{name}": number for name, number in assignment_clock.run().items()
    }


@shared_task(name="needs.tasks.review_ageing_needs", soft_time_limit=240, time_limit=300)
def review_ageing_needs() -> dict[str, int]:
    """Remind the dispatchers of waiting needs; close needs that had no activity for too long."""
    return {"reminded": ageing.remind(), "expired": ageing.expire()}


@shared_task(name="needs.tasks.announce_unopened", soft_time_limit=100, time_limit=120)
def announce_unopened() -> int:
    """Announce unopened needs to the dispatchers of the next higher territory."""
    return unopened.announce()


@shared_task(name="needs.tasks.send_alerts", soft_time_limit=200, time_limit=240)
def send_alerts() -> int:
    """Notify people of new needs in the searches with an alert."""
    return alerts.send_new()


@shared_task(name="needs.tasks.send_wish_alerts", soft_time_limit=200, time_limit=240)
def send_wish_alerts() -> int:
    """Notify people of new things that match their wishes."""
    return wishes.send_alerts()


@shared_task(name="needs.tasks.expire_proposals", soft_time_limit=100, time_limit=120)
def expire_proposals() -> int:
    """Expire proposals that are overdue or about a need that can no longer be taken."""
    return proposals.expire()


@shared_task(name="needs.tasks.escalate_alarms", soft_time_limit=50, time_limit=60)
def escalate_alarms() -> int:
    """Announce danger alarms that nobody has acknowledged, each time to a higher level."""
    return announcing.escalate()


@shared_task(name="needs.tasks.send_reporter_news", soft_time_limit=240, time_limit=300)
def send_reporter_news() -> int:
    """Send waiting news to reporters."""
    return news_sending.send_waiting()


@shared_task(name="needs.tasks.send_messages", soft_time_limit=100, time_limit=120)
def send_messages() -> int:
    """Send waiting answers to people who wrote a text message or an e-mail."""
    return outbound_sending.send_waiting()


@shared_task(name="needs.tasks.move_loans", soft_time_limit=200, time_limit=240)
def move_loans() -> dict[str, int]:
    """Move the waiting lists of items, mark late loans, cancel requests that are too old, remind both sides."""
    return loan_clock.run()


@shared_task(name="needs.tasks.look_after_events", soft_time_limit=200, time_limit=240)
def look_after_events() -> dict[str, int]:
    """Give free places at events to people on waiting lists; remind people of the events that they joined."""
    return {"moved_up": joining.move_up_everywhere(), "reminded": event_news.remind()}


@shared_task(name="needs.tasks.read_messages", soft_time_limit=100, time_limit=120)
def read_messages() -> int:
    """Read the waiting text messages and e-mails, and write the answers."""
    return message_reading.read_waiting()


@shared_task(name="needs.tasks.fetch_mail", soft_time_limit=200, time_limit=240)
def fetch_mail() -> int:
    """Read the mailbox to which people write."""
    return fetching.fetch()
