"""Where the pages of the playbook are."""

from __future__ import annotations

from django.urls import path

from aboveboard.desk.playbook import pages

app_name = "playbook"
urlpatterns = [
    path("playbook/", pages.in_force, name="in_force"),
    path("playbook/versions/", pages.versions, name="versions"),
    path("playbook/versions/<int:number>/", pages.version, name="version"),
    path("playbook/versions/<int:number>/playbook.yaml", pages.download, name="download"),
    path("playbook/compare", pages.compare, name="compare"),
    path("playbook/draft/", pages.draft, name="draft"),
    path("playbook/draft/check", pages.check, name="check"),
    path("playbook/draft/upload", pages.upload, name="upload"),
    path("playbook/draft/discard", pages.discard, name="discard"),
    path("playbook/draft/preview", pages.preview, name="preview"),
    path("playbook/draft/conflicts", pages.conflicts, name="conflicts"),
    path("playbook/draft/catch-up", pages.catch_up, name="catch_up"),
    path("playbook/draft/publish", pages.publish, name="publish"),
    path("playbook/draft/<str:section>/new", pages.entry, name="new_entry"),
    path("playbook/draft/<str:section>/of/<str:name>", pages.entry, name="entry"),
]
