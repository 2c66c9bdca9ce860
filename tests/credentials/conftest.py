"""The API's fixtures serve here, too."""

from tests.api.conftest import api

__all__ = ["api"]
