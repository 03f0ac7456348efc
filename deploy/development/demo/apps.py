from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "deploy.development.demo"
    label = "demo"
