from django.urls import path

from core.followup.views import contacts, exports, lists

app_name = "followup"
urlpatterns = [
    path("", lists.front, name="front"),
    # A store's code may be any text and hold a slash: nothing else can be below these.
    path("stores/<path:code>/", lists.store_list, name="store"),
    path("history/<path:code>/", lists.history, name="history"),
    path("csv/<path:code>/", exports.csv_file, name="csv"),
    path("xlsx/<path:code>/", exports.xlsx_file, name="xlsx"),
    path("clients/<int:client_id>/", contacts.client, name="client"),
    path("clients/<int:client_id>/contacts/", contacts.contacts, name="contacts"),
    path("contacts/<int:contact_id>/", contacts.contact, name="contact"),
    path("contacts/<int:contact_id>/removal/", contacts.removal, name="removal"),
    path("contacts/<int:contact_id>/lifting/", contacts.lifting, name="lifting"),
]
