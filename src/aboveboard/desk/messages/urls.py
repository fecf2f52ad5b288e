"""Where the pages of messages are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.messages import pages

app_name = "messages"
urlpatterns = [
    path("messages/composer", pages.composer, name="composer"),
    path("messages/check", pages.check, name="check"),
    path("messages/fill", pages.fill, name="fill"),
    path("messages/send", pages.send, name="send"),
    path("messages/received", pages.received, name="received"),
    path("promised/", pages.promised, name="promised"),
    path("promised/due", pages.due, name="due"),
    path("promised/<int:commitment>/kept", pages.kept, name="kept"),
    path("promised/<int:commitment>/withdraw", pages.withdraw, name="withdraw"),
    path("templates/", pages.templates, name="templates"),
    path("templates/check", pages.check_template, name="check_template"),
    path("templates/<int:template>", pages.template, name="template"),
    path("templates/<int:template>/withdraw", pages.withdraw_template, name="withdraw_template"),
]
