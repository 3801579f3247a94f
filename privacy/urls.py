from django.urls import path

from privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("delete/", views.delete, name="delete"),
    path("keep/", views.keep, name="keep"),
]
