"""The shape of pocketapi.yaml: every property, its type and default, as pydantic models.

What needs a look at more than one property (names that refer to each other, expressions) is in linker.py. Descriptions become
the JSON Schema that editors show.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, StringConstraints, Tag
from pydantic import Field as Property

from pocketapi.config.part import Identifier, Names, Part, Scalar, Text, upper
from pocketapi.config.statements import Action

FieldType = Literal[
    "text",
    "editor",
    "password",
    "email",
    "url",
    "number",
    "integer",
    "bool",
    "date",
    "select",
    "json",
    "file",
    "relation",
    "blob",
]
SqlType = Literal[
    "text", "real", "integer", "float", "numeric", "int", "boolean", "timestamp", "datetime", "date", "time", "json", "blob"
]
SQL_TYPES: dict[str, tuple[SqlType, ...]] = {
    "text": ("text",),
    "editor": ("text",),
    "password": ("text",),
    "email": ("text",),
    "url": ("text",),
    "number": ("real", "integer", "float", "numeric"),
    "integer": ("integer", "int"),
    "bool": ("boolean", "integer"),
    "date": ("timestamp", "datetime", "date", "time", "text"),
    "select": ("text", "integer", "real"),
    "json": ("json", "text"),
    "file": ("text",),
    "relation": ("text", "integer", "real"),
    "blob": ("blob",),
}
Usage = Literal[
    "record_uid",
    "record_created",
    "record_updated",
    "auth_username",
    "auth_email",
    "auth_email_verified",
    "auth_password",
    "auth_password_salt",
    "auth_name",
    "auth_avatar",
    "auth_audience",
    "auth_metadata",
]
KeyAction = Literal["SET NULL", "SET DEFAULT", "CASCADE", "RESTRICT", "NO ACTION"]


class SqlText(Part):
    """Raw SQL: one text, or one a vendor."""

    q: Text | dict[Literal["sqlite", "postgresql"], Text]

    def of(self, vendor: str) -> str | None:
        """The text for a database, none where it is not written."""
        return self.q if isinstance(self.q, str) else self.q.get(vendor)  # type: ignore[call-overload]


class LiteralValue(Part):
    """A literal, where a bare one could be taken for something else."""

    l: Scalar | list[Any] | dict[str, Any]  # noqa: E741 - the property's name in the contract


def _default_form(value: Any) -> str:
    """Which form of a default a value is: `{q: ...}`, `{l: ...}` or a bare literal."""
    if isinstance(value, SqlText | LiteralValue):
        return "~sql" if isinstance(value, SqlText) else "~literal"
    if isinstance(value, dict):
        return "~sql" if "q" in value else "~literal" if "l" in value else "~bare"
    return "~bare"


Bare = Scalar | list[Any] | dict[str, Any]
Default = Annotated[
    Annotated[SqlText, Tag("~sql")] | Annotated[LiteralValue, Tag("~literal")] | Annotated[Bare, Tag("~bare")],
    Discriminator(_default_form),
]


Ignored = Annotated[Any, Property(exclude=True)]  # properties of the original that have no meaning here


class ForeignKey(Part):
    """A key into another table, enforced by the database."""

    table: Identifier
    column: Identifier
    on_delete: Annotated[KeyAction, BeforeValidator(upper)] = "NO ACTION"
    on_update: Annotated[KeyAction, BeforeValidator(upper)] = "NO ACTION"


def _size(value: Any) -> Any:
    """YAML reads `0x200` as a number in hexadecimal digits."""
    return f"0x{value:x}" if isinstance(value, int) and not isinstance(value, bool) else value


class Field(Part):
    """A column."""

    name: Identifier
    last_name: Identifier | None = None
    type: FieldType
    sql_type: SqlType | None = None
    primary: bool = False
    auto_increment: bool = False
    unique: bool = False
    not_null: bool = False
    default: Default = None
    check: Text | SqlText | None = None
    collate: Annotated[Literal["BINARY", "NOCASE", "RTRIM"], BeforeValidator(upper)] = "BINARY"
    foreign_key: ForeignKey | None = None
    usage: Usage | None = None
    no_select: bool = False
    no_insert: bool = False
    no_update: bool = False
    options: Annotated[list[str | int | float], Property(min_length=1)] | None = None
    min: int | float | str | None = None
    max: int | float | str | None = None
    max_length: Annotated[int, Property(ge=1)] | None = None
    pattern: str | None = None
    max_size: Annotated[int, Property(ge=1)] | None = None
    mime_types: list[Text] | None = None
    thumbs: list[Annotated[str, StringConstraints(pattern=r"^(\d+x\d+f?)$"), BeforeValidator(_size)]] | None = None
    description: str | None = None

    @property
    def storage(self) -> SqlType:
        """The sqlType, derived from the type where it is left out."""
        return self.sql_type or SQL_TYPES[self.type][0]


class ModelField(Part):
    """What may be said of a column of an existing model (`model:` tables)."""

    name: Identifier
    usage: Usage | None = None
    no_select: bool = False
    no_insert: bool = False
    no_update: bool = False
    min: int | float | str | None = None
    max: int | float | str | None = None
    max_length: Annotated[int, Property(ge=1)] | None = None
    pattern: str | None = None


class Index(Part):
    """An index; a column may carry COLLATE and DESC."""

    fields: Names
    unique: bool = False
    name: Identifier | None = None
    where: Text | SqlText | None = None


def _statements(value: Any) -> Any:
    """`{q: SQL}` is SQL, and a list of statements is one text."""
    if isinstance(value, dict) and value.keys() == {"q"}:
        return value["q"]
    if isinstance(value, list) and value and all(isinstance(part, str) for part in map(_statements, value)):
        return ";\n".join(map(_statements, value))
    return value


class Trigger(Part):
    """A trigger of raw SQL."""

    name: Identifier
    event: Annotated[Literal["INSERT", "UPDATE", "DELETE"], BeforeValidator(upper)]
    seq: Annotated[Literal["BEFORE", "AFTER"], BeforeValidator(upper)]
    update_of: Names | None = None
    when: str | SqlText | None = None
    body: Annotated[Text | dict[Literal["sqlite", "postgresql"], Text], BeforeValidator(_statements)]
    for_each: Ignored = None

    @property
    def is_built_in(self) -> bool:
        """Whether this is what the original calls createdTrigger or updatedTrigger, which the API itself covers."""
        return self.name in ("raise_on_created_update", "update_updated_on_update")


BuiltIn = Literal["createdTrigger", "updatedTrigger"]


def _trigger_form(value: Any) -> str:
    return "~custom" if isinstance(value, dict | Trigger) else "~name"


class FullTextSearch(Part):
    """A full-text index over columns of the table."""

    fields: Names
    tokenize: Literal["unicode61", "ascii", "porter", "trigram"] = "unicode61"
    prefix: str | int | list[int] | None = None
    enabled: bool = True
    migrate_table_query: Ignored = None
    contentless: Ignored = None
    content_rowid: Ignored = Property(None, alias="content_rowid")
    columnsize: Ignored = None
    detail: Ignored = None

    @property
    def lengths(self) -> list[int]:
        """The lengths of beginnings to index; ValueError where they are none."""
        given = self.prefix if isinstance(self.prefix, list) else re.split(r"[\s,]+", str(self.prefix or "").strip())
        return sorted({int(length) for length in given if length != ""})


class EmailTemplate(Part):
    """The words of one kind of mail."""

    subject: str | None = None
    variables: dict[str, Scalar] = Property(default_factory=dict)
    tags: list[str] | str | None = None
    layout_html: str | list[str] | None = None


class EmailTemplates(Part):
    verification: EmailTemplate | None = None
    password_reset: EmailTemplate | None = None


class Rules(Part):
    """Who may touch which rows: expressions, or null for admins only."""

    name: Literal["rules"]
    list_rule: str | None = None
    view_rule: str | None = None
    create_rule: str | None = None
    update_rule: str | None = None
    delete_rule: str | None = None


class Auth(Part):
    """Makes a table's rows accounts."""

    name: Literal["auth"]
    jwt_secret: Text
    jwt_token_duration: Annotated[int, Property(ge=1)]
    max_token_refresh: Annotated[int, Property(ge=0)]
    password_type: Literal["argon2", "sha256"] = "argon2"  # noqa: S105 - the name of a hash
    password_confirm_suffix: str | None = None
    password_current_suffix: str = "Current"  # noqa: S105 - a suffix of a field's name
    password_reset_token_duration: Annotated[int, Property(ge=1)] = 3600
    email_verify_token_duration: Annotated[int, Property(ge=1)] = 3600
    password_reset_email_duration: Annotated[int, Property(ge=0)] = 120
    email_verify_email_duration: Annotated[int, Property(ge=0)] = 120
    auto_send_verification_email: bool = False
    normalize_email: bool = True
    save_identities: bool = True
    otp: bool = False
    mfa: Literal["none", "totp"] | None = None
    email_templates: EmailTemplates | None = None
    auth_cookie: Ignored = None
    username_field: Ignored = None
    email_field: Ignored = None
    email_verified_field: Ignored = None
    password_field: Ignored = None
    password_salt_field: Ignored = None
    name_field: Ignored = None
    avatar_field: Ignored = None
    audience_field: Ignored = None
    metadata_field: Ignored = None


class Crud(Part):
    """The reading and writing endpoints: implied."""

    name: Literal["crud"]


Extension = Annotated[Rules | Auth | Crud, Property(discriminator="name")]


class TableBase(Part):
    name: Identifier
    auto_set_uid: bool = False
    extensions: list[Extension] = Property(default_factory=list)
    description: str | None = None
    r2_base: Text | None = None
    id_in_r2: bool = Property(default=False, alias="idInR2")
    auto_delete_r2_files: bool = Property(default=True, alias="autoDeleteR2Files")
    allow_multiple_file_ref: bool = False
    allow_wildcard: bool = False
    for_each: Ignored = None

    def extension(self, kind: type[Any]) -> Any:
        """The extension of a kind, or none."""
        return next((extension for extension in self.extensions if isinstance(extension, kind)), None)


class Table(TableBase):
    """A table of our own. `fields` are whole here: scaffolds.py has put its fields in the place of their names."""

    last_name: Identifier | None = None
    full_text_search: FullTextSearch | None = None
    fields: Annotated[list[Field], Property(min_length=1)]
    indexes: list[Index] = Property(default_factory=list)
    auto_index: bool = False
    triggers: list[
        Annotated[Annotated[BuiltIn, Tag("~name")] | Annotated[Trigger, Tag("~custom")], Discriminator(_trigger_form)]
    ] = Property(default_factory=list)


class ModelTable(TableBase):
    """A Django model that exists, exposed as a table."""

    model: Annotated[str, StringConstraints(pattern=r"^\w+\.\w+$")]
    fields: list[ModelField] = Property(default_factory=list)
    signals: bool = True


def _table_form(value: Any) -> str:
    """A table with `model` is one of Django's own."""
    return "~model" if isinstance(value, ModelTable) or (isinstance(value, dict) and "model" in value) else "~table"


AnyTable = Annotated[Annotated[Table, Tag("~table")] | Annotated[ModelTable, Tag("~model")], Discriminator(_table_form)]


class Mapping(Part):
    """Where a provider's profile has what we need."""

    email: str | None = None
    name: str | None = None
    username: str | None = None
    avatar: str | None = None
    verified: str | None = None


class AuthProvider(Part):
    """An identity provider: OAuth, or JWTs of its own."""

    name: Text
    issuer: str | list[str] | None = None
    client_id: str | list[str] | None = None
    client_secret: Text | None = None
    secret: str | dict[str, Any] | None = None
    jwks_url: Text | None = None
    algorithm: str | list[str] | None = None
    bearer_mode: Literal["login", "partial", "full", "admin"] = "login"
    scopes: str | list[str] | None = None
    redirect_url: Text | None = None
    authorize_url: Text | None = None
    token_url: Text | None = None
    userinfo_url: Text | None = None
    userinfo_headers: dict[str, str] | None = None
    userinfo_field: str | None = None
    authorize_params: dict[str, str] | None = None
    mapping: Mapping | None = None


class AuthCookie(Part):
    """The cookie that carries an access token."""

    name: Annotated[str, StringConstraints(pattern=r"^[\w!#$%&'*+.^`|~-]+$")]
    http_only: bool = True
    secure: bool = True
    same_site: Annotated[
        Literal["Lax", "Strict", "None"], BeforeValidator(lambda v: v.capitalize() if isinstance(v, str) else v)
    ] = "Lax"
    path: str = "/"
    max_age: Annotated[int, Property(ge=1)] | None = None
    domain: str | None = None


class Smtp(Part):
    """A mail server: `smtp://user:password@host:587`; `smtps://` speaks TLS from the start, `smtp+tls://` after STARTTLS."""

    url: Text


class Mailgun(Part):
    """Mailgun. MAILGUN_API_SERVER is the domain that sends, MAILGUN_API_URL the API of a region."""

    api_key: Text = Property(alias="MAILGUN_API_KEY")
    api_server: Text | None = Property(None, alias="MAILGUN_API_SERVER")
    api_url: Text | None = Property(None, alias="MAILGUN_API_URL")
    signing_key: Text | None = Property(None, alias="MAILGUN_WEBHOOK_SIGNING_KEY")
    blocklist: str | None = Property(None, alias="EMAIL_BLOCKLIST")
    webhook_id: Ignored = Property(None, alias="MAILGUN_WEBHOOK_ID")
    discord: Ignored = Property(None, alias="DISCORD_MAILGUN_NOTIFY_WEBHOOK")


class Resend(Part):
    """Resend."""

    api_key: Text = Property(alias="RESEND_API_KEY")
    api_url: Text | None = Property(None, alias="RESEND_API_URL")
    signing_key: Text | None = Property(None, alias="RESEND_WEBHOOK_SECRET")
    blocklist: str | None = Property(None, alias="EMAIL_BLOCKLIST")
    webhook_id: Ignored = Property(None, alias="RESEND_WEBHOOK_ID")
    discord: Ignored = Property(None, alias="DISCORD_RESEND_NOTIFY_WEBHOOK")


class Email(Part):
    """How mails are sent. The provider's property names are those its users know."""

    from_: Annotated[str | dict[str, str], Property(alias="from")]
    variables: dict[str, Scalar] = Property(default_factory=dict)
    tags: list[str] | str | None = None
    mock: bool = False
    smtp: Smtp | None = None
    mailgun: Mailgun | None = None
    resend: Resend | None = None


class Config(Part):
    """A whole backend."""

    app_name: Text = "Pocket App"
    app_url: Text
    jwt_secret: Text
    jwt_issuer: Text = "$db"
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"
    tables: list[AnyTable]
    actions: list[Action] = Property(default_factory=list)
    auth_providers: list[AuthProvider] = Property(default_factory=list)
    allowed_redirect_urls: list[Text] | None = None
    auth_cookie: AuthCookie | None = None
    email: Email | None = None
    cors_origins: list[Text] | None = None
    version: int | None = None
    jwt_allowed_issuers: Ignored = None
    disable_tables_edit: Ignored = None
    kv_table_name: Ignored = Property(None, alias="_kvTableName")
