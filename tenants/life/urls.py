from django.urls import path

from tenants.life import views

app_name = "chain"
urlpatterns = [
    path("", views.chain_settings, name="settings"),
    path("exports/", views.export, name="export"),
    path("exports/<uuid:export_id>/", views.export_file, name="export-file"),
    path("erasure/", views.erasure, name="erasure"),
    path("erasure/withdrawal/", views.erasure_withdrawal, name="erasure-withdrawal"),
    path("address/", views.address, name="address"),
    path("addresses/<int:domain_id>/main/", views.main_address, name="main-address"),
    path("addresses/<int:domain_id>/removal/", views.address_removal, name="address-removal"),
    path("domains/", views.domain, name="domain"),
    path("domains/<int:claim_id>/verification/", views.domain_verification, name="domain-verification"),
    path("domains/<int:claim_id>/withdrawal/", views.domain_withdrawal, name="domain-withdrawal"),
]
