"""The webhook of the text message gateway. The path of the URL begins with ``chosen_gateway.WEBHOOKS``."""

from needs.messages.channels import views
from solidarity.lib.http.open_addresses import open_path

channel_urls = [
    open_path("channels/sms/<slug:gateway>/", views.take_call, name="sms_webhook"),
    open_path("channels/sms/<slug:gateway>/<slug:event>/", views.take_call, name="sms_webhook_event"),
    open_path("channels/sms/<slug:gateway>/<slug:event>/<str:secret>/", views.take_call, name="sms_webhook_secret"),
]
