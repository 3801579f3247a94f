from django.urls import path

from . import images, models, moderations, responses

app_name = "openai"
urlpatterns = [
    path("images/generations", images.generations, name="generations"),
    path("images/edits", images.edits, name="edits"),
    path("moderations", moderations.create, name="moderations"),
    path("responses", responses.create, name="responses"),
    path("models", models.listing, name="models"),
    path("models/<str:model_id>", models.detail, name="model"),
    path("<path:path>", models.unknown, name="unknown"),
]
