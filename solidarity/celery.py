"""The Celery application. The schedule of Celery beat is in the settings."""

import os

from celery import Celery

from solidarity.lib.database.broker_watch import BrokerWatch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solidarity.settings")

app = Celery("solidarity", task_cls="solidarity.lib.site.feature_tasks:FeatureTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(BrokerWatch)
app.conf.worker_consumer = "solidarity.lib.database.worker_classes:Consumer"
app.Task.Request = "solidarity.lib.database.worker_classes:ConfirmedRequest"
