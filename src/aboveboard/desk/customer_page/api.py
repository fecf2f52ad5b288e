"""Links to the pages of customers, by the API."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import Router, Schema, Status

from aboveboard.desk.cases import queries as cases
from aboveboard.desk.customer_page import actions, queries
from aboveboard.desk.people import pages
from aboveboard.desk.people.api import asking

router = Router(tags=["customer page"])


class LinkOut(Schema):
    """A new link. The address is told this once."""

    address: str
    expires_at: datetime


@router.post("/cases/{int:case}/links", response={201: LinkOut}, summary="Make a link to the customer's page of a case")
def make(request: HttpRequest, case: int) -> Status[LinkOut]:
    """Make a link."""
    person = asking(request, "cases.work")
    found = cases.case(person=person, number=case, act="cases.work")
    if found is None:
        raise Http404("There is no such case, or it is not within your reach.")
    token = actions.make(by=person, case=case, now=pages.now())
    made = queries.link(token=token, now=pages.now())
    address = request.build_absolute_uri(reverse("customer_page:page", args=[token]))
    return Status(201, LinkOut(address=address, expires_at=made.expires_at))
