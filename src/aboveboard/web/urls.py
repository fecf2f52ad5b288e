"""Where everything is: the slices' pages, sign-in, the API, and what a monitor asks for."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path

from aboveboard.web import health, home, reports
from aboveboard.web.api import api

# Of allauth's pages those that a desk by invitation needs. What needs mail comes with mail.
sign_in = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("confirm-access/", account.reauthenticate, name="account_reauthenticate"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
urlpatterns = [
    # First, since a slice's pages are looked through one by one.
    path("api/", api.urls),
    path("", home.home, name="home"),
    path("about/<path:subject>", home.about, name="about"),
    path("", include("aboveboard.desk.people.urls")),
    path("", include("aboveboard.desk.playbook.urls")),
    path("", include("aboveboard.desk.policies.urls")),
    path("", include("aboveboard.desk.promises.urls")),
    path("", include("aboveboard.desk.procedures.urls")),
    path("", include("aboveboard.desk.escalations.urls")),
    path("", include("aboveboard.desk.recognition.urls")),
    path("", include("aboveboard.desk.messages.urls")),
    path("", include("aboveboard.desk.cases.urls")),
    path("", include("aboveboard.desk.problems.urls")),
    path("", include("aboveboard.desk.chores.urls")),
    path("", include("aboveboard.desk.imports.urls")),
    path("", include("aboveboard.desk.followups.urls")),
    path("", include("aboveboard.desk.today.urls")),
    path("reports/", include((reports.urlpatterns, "reports"))),
    path("", include("aboveboard.desk.customer_page.urls")),
    path("account/", include(sign_in)),
    path("language/", include("django.conf.urls.i18n")),
    path("health", health.health, name="health"),
    path("metrics", health.metrics, name="metrics"),
]
handler404, handler500 = "aboveboard.web.errors.absent", "aboveboard.web.errors.broken"
