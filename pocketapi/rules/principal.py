"""Who is asking."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Principal:
    """A caller as rules see it: `auth.*`. Anonymous by default; an admin has no uid."""

    uid: str | int | float | None = None
    email: str | None = None  # set only once it is verified
    roles: tuple[str, ...] = ()
    verified: bool = False
    admin: bool = False
    superadmin: bool = False
    viewer: bool = False  # an admin who may only read
    meta: Any = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    sid: str | None = None
    cid: str | None = None
    provider: str | None = None  # whose token it is, where it is none of ours

    @property
    def is_anonymous(self) -> bool:
        return self.sid is None and not self.admin and self.provider is None

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        """The values behind `auth.uid`, `auth.role` and so on."""
        role: Any = self.roles[0] if len(self.roles) == 1 else list(self.roles) or None
        return {
            "uid": self.uid,
            "email": self.email,
            "role": role,
            "verified": self.verified,
            "admin": self.admin,
            "superadmin": self.superadmin,
            "meta": self.meta,
            "jwt": self.claims,
            "sid": self.sid,
            "cid": self.cid,
        }


ANONYMOUS = Principal()


@dataclass(frozen=True)
class Script:
    """What the statements of an action bring along, which the config wrote and not the caller."""

    params: Mapping[str, Any] = field(default_factory=dict)
    ruled: bool = True  # whether the rules of tables hold, noInsert and noUpdate included


@dataclass(frozen=True)
class Caller:
    """A principal and the request that it makes; without HTTP the request is empty.

    With a script, the texts of a statement are an action's: they may name every column and `params`.
    """

    principal: Principal = ANONYMOUS
    request: Mapping[str, Any] = field(default_factory=dict)
    script: Script | None = None

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        """What expressions read: `auth` and `request`, in an action `params`."""
        found: dict[str, Any] = {"auth": self.principal.variables, "request": self.request}
        return found if self.script is None else {**found, "params": self.script.params}

    @property
    def is_admin(self) -> bool:
        return self.principal.admin

    @cached_property
    def unruled(self) -> bool:
        """Whether no rule of a table holds for what is asked."""
        return self.is_admin or (self.script is not None and not self.script.ruled)

    @cached_property
    def sight(self) -> Hashable:
        """What decides which names a statement may use: of equal sight, equal texts mean the same."""
        if self.script is None:
            return self.is_admin
        return self.is_admin, self.script.ruled, tuple(self.script.params)


SYSTEM = Caller(Principal(admin=True, superadmin=True))
