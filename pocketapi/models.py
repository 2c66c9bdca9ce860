"""Our own rows. They name users by table and key, never by a key into a generated table."""

from __future__ import annotations

from django.db import models


class Session(models.Model):
    """A signed-in user. It ends by logout, theft, a new password, or when it is not used for 30 days."""

    sid = models.CharField(max_length=22, primary_key=True)
    table = models.CharField(max_length=63)
    user = models.CharField(max_length=255)
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

    def __str__(self) -> str:
        return f"{self.table} {self.user}"


class RefreshToken(models.Model):
    """The hash of a refresh token, current or spent: a spent one that comes again tells of a theft."""

    hash = models.CharField(max_length=64, primary_key=True)
    session = models.ForeignKey(Session, models.CASCADE, related_name="tokens")
    spent = models.BooleanField(default=False)
    expires = models.DateTimeField()

    def __str__(self) -> str:
        return self.hash[:8]
