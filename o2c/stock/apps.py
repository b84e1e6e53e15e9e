from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "o2c.stock"
    label = "stock"
