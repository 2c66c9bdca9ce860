"""Our own rows. They name a user by table and key, never by a key into a generated table."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class OfUser(models.Model):
    """A row that belongs to a user and goes when the user goes."""

    table = models.CharField(max_length=63)
    user = models.CharField(max_length=255)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.table} {self.user}"


class Session(OfUser):
    """A signed-in user. It ends by logout, theft, a new password, or when it is not used for 30 days."""

    sid = models.CharField(max_length=22, primary_key=True)
    refreshes = models.PositiveIntegerField(default=0)
    created = models.DateTimeField()
    refreshed = models.DateTimeField()
    expires = models.DateTimeField()
    user_agent = models.CharField(max_length=255, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["table", "user"], name="pocketapi_session_user"),
            models.Index(fields=["expires"], name="pocketapi_session_end"),
        ]


class RefreshToken(models.Model):
    """The hash of a refresh token, current or spent: a spent one that comes again tells of a theft."""

    hash = models.CharField(max_length=64, primary_key=True)
    session = models.ForeignKey(Session, models.CASCADE, related_name="tokens")
    spent = models.BooleanField(default=False)
    expires = models.DateTimeField()

    def __str__(self) -> str:
        return self.hash[:8]


class OneTimeToken(OfUser):
    """The hash of a token or code that was sent to a user: good once, for one purpose, and for the address it went to."""

    PURPOSES: ClassVar[list[tuple[str, str]]] = [
        ("verification", "verification"),
        ("password_reset", "password reset"),
        ("otp", "one-time code"),
        ("mfa", "second factor"),
    ]

    hash = models.CharField(max_length=64, primary_key=True)
    purpose = models.CharField(max_length=20, choices=PURPOSES)
    email = models.CharField(max_length=255, blank=True)
    code = models.CharField(max_length=64, blank=True)  # the hash of the code that goes with the token, where one does
    tries = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField()
    expires = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["table", "user", "purpose"], name="pocketapi_token_user"),
            models.Index(fields=["expires"], name="pocketapi_token_end"),
        ]


class Identity(OfUser):
    """An account at an identity provider that signs a user in."""

    provider = models.CharField(max_length=63)
    subject = models.CharField(max_length=255)
    created = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "provider", "subject"], name="pocketapi_identity_once"),
        ]
        indexes = [models.Index(fields=["table", "user"], name="pocketapi_identity_user")]


class SecondFactor(OfUser):
    """A user's authenticator (TOTP). `counter` is the last time step that was used, so that no code is good twice."""

    secret = models.CharField(max_length=255)
    confirmed = models.DateTimeField(null=True, blank=True)
    counter = models.BigIntegerField(default=0)
    created = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "user"], name="pocketapi_factor_user")]


class RecoveryCode(OfUser):
    """The hash of a code that replaces the authenticator once."""

    hash = models.CharField(max_length=64, primary_key=True)

    class Meta:
        indexes = [models.Index(fields=["table", "user"], name="pocketapi_recovery_user")]


OF_USERS: tuple[type[OfUser], ...] = (Session, OneTimeToken, Identity, SecondFactor, RecoveryCode)


class Counter(models.Model):
    """How often something was tried since a moment, by the hash of who and what; `expires` is when it starts anew."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    expires = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires"], name="pocketapi_counter_end")]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"


class Delivery(models.Model):
    """What a mail provider tells of mails to an address: delivered, bounced, complained."""

    address = models.CharField(max_length=255, db_index=True)
    event = models.CharField(max_length=32)
    reason = models.CharField(max_length=255, blank=True)
    provider = models.CharField(max_length=32)
    message = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "message", "address", "event"], name="pocketapi_delivery_once")
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.event}"


class RemovedFile(models.Model):
    """A stored file that no row names any more: written by triggers in the transaction of the change, removed after it."""

    key = models.CharField(max_length=1024)
    created = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.key
