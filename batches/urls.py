"""Addresses of the product's pages."""

from django.urls import path

from batches.views import pages, transfer, verbs

app_name = "batches"

urlpatterns = [
    path("", pages.index, name="list"),
    path("new/", pages.new, name="new"),
    path("bill/", pages.bill, name="bill"),
    path("<uuid:batch_id>/", pages.detail, name="detail"),
    path("<uuid:batch_id>/prompts/<int:position>/", pages.edit_prompt, name="edit_prompt"),
    path("<uuid:batch_id>/progress/", transfer.progress, name="progress"),
    path("<uuid:batch_id>/confirm/", transfer.confirm, name="confirm"),
    path("<uuid:batch_id>/images/<int:position>/", transfer.image, name="image"),
    path("<uuid:batch_id>/manifest.csv", transfer.manifest, name="manifest"),
    path("<uuid:batch_id>/pause/", verbs.pause, name="pause"),
    path("<uuid:batch_id>/resume/", verbs.resume, name="resume"),
    path("<uuid:batch_id>/cancel/", verbs.cancel, name="cancel"),
    path("<uuid:batch_id>/retry/", verbs.retry, name="retry"),
    path("<uuid:batch_id>/delete/", verbs.delete, name="delete"),
]
