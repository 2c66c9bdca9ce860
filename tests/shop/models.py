"""A shop: fields of every kind, keys of every on_delete, and what cannot be a table."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower, Now

START = datetime(2025, 1, 1, tzinfo=UTC)


class Stamped(models.Model):
    """What abstract parents add."""

    made = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Maker(models.Model):
    """Referred to by everything."""

    name = models.CharField(max_length=20, unique=True)
    country = models.CharField(max_length=2, choices=[("de", "Germany"), ("fr", "France")], blank=True, db_column="land")
    hidden = models.CharField(max_length=20, default="secret")
    open = models.BooleanField(default=True)

    class Meta:
        ordering = ["-name"]

    def __str__(self) -> str:
        return self.name


class Item(Stamped):
    """A thing that is sold."""

    class Size(models.IntegerChoices):
        SMALL = 1
        LARGE = 2

    maker = models.ForeignKey(Maker, models.CASCADE, db_column="made_by", limit_choices_to={"open": True})
    spare = models.ForeignKey(Maker, models.SET_NULL, null=True, blank=True, related_name="spares")
    title = models.CharField(max_length=10, validators=[RegexValidator("^[A-Za-z ]+$", "Letters only.", code="letters")])
    slug = models.SlugField(null=True, blank=True, unique=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("9.90"))
    stock = models.PositiveSmallIntegerField(default=0)
    size = models.IntegerField(choices=Size.choices, default=Size.SMALL)
    note = models.TextField(blank=True)
    meta = models.JSONField(default=dict)
    state = models.CharField(max_length=5, db_default="new")
    seen = models.DateTimeField(db_default=Now())
    total = models.GeneratedField(expression=models.F("stock") * 2, output_field=models.IntegerField(), db_persist=True)

    class Meta:
        ordering = ["-title"]
        unique_together = [("maker", "title")]
        indexes = [models.Index(fields=["-price", "stock"], name="shop_price")]
        constraints = [
            models.CheckConstraint(condition=models.Q(price__gte=0), name="price_is_no_debt"),
            models.UniqueConstraint(Lower("note"), name="one_note", condition=~models.Q(note="")),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.title == "never":
            raise ValidationError({"title": "Never."})
        if self.note == "shout":
            self.note = "SHOUT"
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        if self.note == "keep":
            raise ValidationError("This one stays.")
        if self.title == "No":
            raise PermissionDenied("Not this one.")
        return super().delete(*args, **kwargs)


class Cheap(Item):
    """A proxy."""

    class Meta:
        proxy = True


class Review(models.Model):
    """A key of each on_delete, by UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    item = models.ForeignKey(Item, models.PROTECT, null=True, blank=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True)
    kept = models.ForeignKey("self", models.RESTRICT, null=True, blank=True, related_name="keepers")
    words = models.CharField(max_length=50, default="")

    def __str__(self) -> str:
        return self.words


class Kinds(models.Model):
    """A field of every kind, all of them nullable."""

    code = models.CharField(max_length=5, primary_key=True)
    text = models.TextField(null=True, blank=True)
    mail = models.EmailField(null=True)
    url = models.URLField(null=True)
    number = models.FloatField(null=True)
    exact = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    whole = models.BigIntegerField(null=True)
    short = models.SmallIntegerField(null=True)
    flag = models.BooleanField(null=True)
    moment = models.DateTimeField(null=True, db_index=True)
    day = models.DateField(null=True)
    clock = models.TimeField(null=True)
    length = models.DurationField(null=True)
    address = models.GenericIPAddressField(null=True)
    uuid = models.UUIDField(null=True)
    data = models.JSONField(null=True)
    raw = models.BinaryField(null=True, blank=True, editable=True)
    file = models.FileField(null=True)

    def __str__(self) -> str:
        return self.code


# What cannot be a table


class Label(models.Model):
    items = models.ManyToManyField(Item)

    def __str__(self) -> str:
        return str(self.pk)


class Rare(Maker):
    """Shares its rows with another table."""


class Shouting(models.TextField):  # type: ignore[type-arg]
    """What the database holds is not what Python sees."""

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return value and value.upper()


class Ranges(models.Field):  # type: ignore[type-arg]
    """A kind that only one database has."""

    def db_type(self, connection: Any) -> str:
        return "text"


class Odd(models.Model):
    loud = Shouting()
    ranges = Ranges(default="")
    spaced = models.TextField(db_column="two words")

    def __str__(self) -> str:
        return str(self.loud)


class Pair(models.Model):
    pk = models.CompositePrimaryKey("first", "second")
    first = models.IntegerField()
    second = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.first} {self.second}"


class Swapped(models.Model):
    class Meta:
        swappable = "SHOP_SWAPPED"

    def __str__(self) -> str:
        return ""


class Point(models.Model):
    at = models.DateTimeField(unique=True)

    def __str__(self) -> str:
        return str(self.at)


class Member(models.Model):
    """Accounts of the project's own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nick = models.CharField(max_length=32, unique=True)
    mail = models.EmailField(unique=True)
    checked = models.BooleanField(default=False)
    word = models.CharField(max_length=128)
    role = models.CharField(max_length=10, null=True, blank=True)

    def __str__(self) -> str:
        return self.nick
