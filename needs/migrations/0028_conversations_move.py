"""Moves the messages of commitments, crews and loans into conversations, each with its time, author and readers.

The ids are derived from the old ones, so that a second run stores nothing twice. Messages of loans keep their ids.
"""

from django.db import migrations

_CONVERSATIONS = """
INSERT INTO needs_conversation (id, {column}_id, made_at)
SELECT md5('conversation:{column}:' || {column}_id)::uuid, {column}_id, min(at)
FROM {table} WHERE {column}_id IS NOT NULL GROUP BY {column}_id
ON CONFLICT DO NOTHING
"""
_OLD = (
    ("commitment", "needs_relayedmessage"), ("plan", "needs_crewmessage"), ("tour", "needs_crewmessage"),
    ("loan", "needs_loanmessage"),
)  # fmt: skip
_COMMITMENTS = """
INSERT INTO needs_message (id, conversation_id, speaker, author_id, text, at, by_phone, passed_at, passed_by_id)
SELECT md5('relayed:' || old.id)::uuid, c.id, old.side,
       CASE old.side WHEN 'volunteer' THEN held.volunteer_id END,
       old.text, old.at, old.by_phone, old.passed_at, old.passed_by_id
FROM needs_relayedmessage old
JOIN needs_commitment held ON held.id = old.commitment_id
JOIN needs_conversation c ON c.commitment_id = old.commitment_id
ON CONFLICT DO NOTHING
"""
_CREWS = """
INSERT INTO needs_message (id, conversation_id, speaker, author_id, text, at, by_phone)
SELECT md5('crew:' || old.id)::uuid, c.id,
       CASE WHEN NOT old.from_crew THEN 'coordination'
            WHEN EXISTS (SELECT 1 FROM needs_seat s WHERE s.plan_id = old.plan_id AND s.volunteer_id = old.author_id)
            THEN 'volunteer' ELSE 'crew' END,
       old.author_id, old.text, old.at, false
FROM needs_crewmessage old
JOIN needs_conversation c ON c.plan_id = old.plan_id OR c.tour_id = old.tour_id
ON CONFLICT DO NOTHING
"""
_READ = """
INSERT INTO needs_messageread (message_id, user_id, at)
SELECT md5('crew:' || message_id)::uuid, user_id, at FROM needs_messageseen
ON CONFLICT DO NOTHING
"""
_LOANS = """
INSERT INTO needs_message (id, conversation_id, speaker, author_id, text, at, by_phone)
SELECT old.id, c.id,
       CASE WHEN old.author_id = item.owner_id THEN 'owner'
            WHEN old.author_id = loan.borrower_id THEN 'borrower'
            WHEN EXISTS (SELECT 1 FROM volunteers_membership m WHERE m.user_id = old.author_id
                         AND m.association_id = loan.association_id AND m.left_at IS NULL) THEN 'borrower'
            ELSE 'owner' END,
       old.author_id, old.text, old.at, false
FROM needs_loanmessage old
JOIN needs_loan loan ON loan.id = old.loan_id
JOIN needs_item item ON item.id = loan.item_id
JOIN needs_conversation c ON c.loan_id = old.loan_id
ON CONFLICT DO NOTHING
"""
_NEWS = """
UPDATE needs_reporternews SET of = md5('relayed:' || of)::uuid::text
WHERE news = 'message' AND of ~ '^[0-9]+$'
"""


def move(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for column, table in _OLD:
            cursor.execute(_CONVERSATIONS.format(column=column, table=table))
        for statement in (_COMMITMENTS, _CREWS, _READ, _LOANS, _NEWS):
            cursor.execute(statement)
        cursor.execute(
            "SELECT (SELECT count(*) FROM needs_relayedmessage) + (SELECT count(*) FROM needs_crewmessage)"
            " + (SELECT count(*) FROM needs_loanmessage), (SELECT count(*) FROM needs_message)"
        )
        before, after = cursor.fetchone()
    if after < before:
        raise RuntimeError(f"{before - after} messages would be lost; nothing was changed")


class Migration(migrations.Migration):
    dependencies = [("needs", "0027_site_categories"), ("volunteers", "0015_lending_and_offers")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop, elidable=True)]
