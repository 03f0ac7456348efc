from django.urls import path

from core.site import views

# At every address of ours: a chain's, the platform's and the console's.
language = path("language/", views.language, name="language")
urlpatterns = [path("", views.home, name="home"), language]
