"""The slice `customer_page`, as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class CustomerPageConfig(AppConfig):
    """The slice `customer_page`."""

    name = "aboveboard.desk.customer_page"
    label = "customer_page"
