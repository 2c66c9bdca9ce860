"""The migrations of the config's tables lie in the user's project; Django finds and writes them through this package's path."""

from pocketapi.conf import settings

__path__ = [str(settings.MIGRATIONS_DIR)]
