"""What the shop had before it got an API: pocketapi.yaml exposes it as a table, and changes nothing of it."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models


class Product(models.Model):
    """A thing that is sold."""

    name = models.CharField(max_length=60, unique=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))])
    cost = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal(0))
    on_sale = models.BooleanField(default=False, db_index=True)

    def __str__(self) -> str:
        return self.name
