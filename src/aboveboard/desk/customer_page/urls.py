"""Where the customer's page is."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.customer_page import pages

app_name = "customer_page"
urlpatterns = [
    path("cases/<int:case>/customer/", pages.links, name="links"),
    path("cases/<int:case>/customer/<int:link>/revoke", pages.revoke, name="revoke"),
    path("c/<str:token>/", pages.page, name="page"),
    path("c/<str:token>/appeal", pages.appeal, name="appeal"),
    path("c/<str:token>/write", pages.write, name="write"),
]
