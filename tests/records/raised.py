"""Errors as Django raises them, with the driver's own behind them: it has the names and classes that we go by."""

from __future__ import annotations

import sqlite3

import psycopg
from django.db import OperationalError


def sqlite_error(message: str, name: str) -> OperationalError:
    """What SQLite says, and what it calls that."""
    cause = sqlite3.OperationalError(message)
    cause.sqlite_errorname = name
    return _caused(cause)


def postgresql_error(kind: type[psycopg.Error], message: str = "") -> OperationalError:
    """What PostgreSQL says; the kind has its state."""
    return _caused(kind(message))


def _caused(cause: Exception) -> OperationalError:
    error = OperationalError(*cause.args)
    error.__cause__ = cause
    return error
