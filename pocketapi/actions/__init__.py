"""Named operations: those of the config, and functions of the project.

from pocketapi.actions import action, run
run("click", {"link_id": "x"}, auth=principal)
"""

from pocketapi.actions.execution import run
from pocketapi.actions.registry import action

__all__ = ["action", "run"]
