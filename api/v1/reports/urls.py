from django.urls import path

from api.v1.reports.views import ReportView

urlpatterns = [path("<str:metric_code>/", ReportView.as_view(), name="report")]
