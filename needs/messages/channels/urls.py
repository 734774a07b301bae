"""The webhook of the text message gateway. The path of the URL begins with ``chosen_gateway.WEBHOOKS``."""

from django.urls import path

from needs.messages.channels import views

channel_urls = [
    path("channels/sms/<slug:gateway>/", views.take_call, name="sms_webhook"),
    path("channels/sms/<slug:gateway>/<slug:event>/", views.take_call, name="sms_webhook_event"),
    path("channels/sms/<slug:gateway>/<slug:event>/<str:secret>/", views.take_call, name="sms_webhook_secret"),
]
