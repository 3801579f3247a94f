from django.urls import path

from batches.editing import views as editing
from batches.keys import views as keys
from batches.presets import views as presets
from batches.references import views as references
from batches.review import views as review
from batches.usage import views as usage
from batches.views import pages, transfer, verbs
from batches.webhooks import verbs as webhook_verbs
from batches.webhooks import views as webhooks
from batches.writing import views as writing

app_name = "batches"

urlpatterns = [
    path("<uuid:batch_id>/progress/", transfer.progress, name="progress"),
    path("", pages.index, name="list"),
    path("new/", pages.new, name="new"),
    path("bill/", pages.bill, name="bill"),
    path("presets/", presets.index, name="presets"),
    path("presets/save/", presets.save, name="save_preset"),
    path("presets/<int:preset_id>/", presets.use, name="use_preset"),
    path("presets/<int:preset_id>/delete/", presets.delete, name="delete_preset"),
    path("references/", references.upload, name="upload_reference"),
    path("references/<uuid:reference_id>/", references.photo, name="reference"),
    path("references/<uuid:reference_id>/delete/", references.delete_unused, name="delete_unused_reference"),
    path("writing/improve/", writing.improve, name="improve"),
    path("writing/list/", writing.write_list, name="write_list"),
    path("<uuid:batch_id>/", pages.detail, name="detail"),
    path("<uuid:batch_id>/prompts/<int:position>/", pages.edit_prompt, name="edit_prompt"),
    path("<uuid:batch_id>/prompts/<int:position>/suggest/", writing.reword, name="reword"),
    path("<uuid:batch_id>/verdicts/", review.record, name="verdicts"),
    path("<uuid:batch_id>/again/", review.again_rejected, name="again_rejected"),
    path("<uuid:batch_id>/images/<int:position>/again/", review.again, name="again"),
    path("<uuid:batch_id>/images/<int:position>/edit/", editing.edit, name="edit"),
    path("<uuid:batch_id>/photos/add/", references.add_again, name="add_photos"),
    path("<uuid:batch_id>/photos/rest/", references.for_the_rest, name="for_the_rest"),
    path("<uuid:batch_id>/photos/<int:number>/delete/", references.delete_of_batch, name="delete_photo"),
    path("<uuid:batch_id>/confirm/", transfer.confirm, name="confirm"),
    path("<uuid:batch_id>/images/<int:position>/", transfer.image, name="image"),
    path("<uuid:batch_id>/manifest.csv", transfer.manifest, name="manifest"),
    path("<uuid:batch_id>/zip/", transfer.archived, name="zip"),
    path("<uuid:batch_id>/pause/", verbs.pause, name="pause"),
    path("<uuid:batch_id>/resume/", verbs.resume, name="resume"),
    path("<uuid:batch_id>/cancel/", verbs.cancel, name="cancel"),
    path("<uuid:batch_id>/retry/", verbs.retry, name="retry"),
    path("<uuid:batch_id>/delete/", verbs.delete, name="delete"),
    path("<uuid:batch_id>/delete/ask/", pages.ask_delete, name="ask_delete"),
    path("<uuid:batch_id>/preset/", presets.save_batch, name="save_batch_as_preset"),
]

#: The project includes these below /account/, with their own namespaces.
key_urlpatterns = (
    [
        path("", keys.index, name="list"),
        path("new/", keys.new, name="new"),
        path("<str:public_id>/name/", keys.rename, name="rename"),
        path("<str:public_id>/revoke/", keys.revoke, name="revoke"),
    ],
    "keys",
)
usage_urlpatterns = [path("", usage.usage, name="usage")]
webhook_urlpatterns = (
    [
        path("", webhooks.index, name="list"),
        path("secret/", webhooks.account_secret, name="account_secret"),
        path("secret/rotate/", webhook_verbs.rotate_account, name="rotate_account"),
        path("deliveries/<str:message_id>/", webhooks.delivery, name="delivery"),
        path("deliveries/<str:message_id>/send/", webhook_verbs.send_again, name="send_again"),
        path("<uuid:endpoint_id>/", webhooks.endpoint, name="endpoint"),
        path("<uuid:endpoint_id>/secret/", webhooks.secret, name="secret"),
        path("<uuid:endpoint_id>/secret/rotate/", webhook_verbs.rotate, name="rotate"),
        path("<uuid:endpoint_id>/test/", webhook_verbs.send_test, name="send_test"),
        path("<uuid:endpoint_id>/on/", webhook_verbs.switch_on, name="switch_on"),
        path("<uuid:endpoint_id>/off/", webhook_verbs.switch_off, name="switch_off"),
        path("<uuid:endpoint_id>/remove/", webhook_verbs.remove, name="remove"),
    ],
    "webhooks",
)
