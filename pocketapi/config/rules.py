"""The expressions of the config: parsed and checked against the columns that they may name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from pocketapi.config import schema
from pocketapi.config.link import VERBS, Rule, Table
from pocketapi.config.report import Path, Report
from pocketapi.errors import ExpressionError
from pocketapi.expressions import check, grammar, nodes
from pocketapi.expressions.rows import twice
from pocketapi.expressions.scope import Column, Rows, Scope, Searched, nowhere
from pocketapi.expressions.typed import Typed

CALLER = frozenset({"auth", "request"})
PREFIXES = {verb: CALLER | {"new"} if verb in ("create", "update") else CALLER for verb in VERBS}
COMPARISONS = frozenset({"==", "=", "<", "<=", ">", ">=", "in", "~"})
VARIABLES = frozenset({"auth", "params", "request"})
JSON_VALID = re.compile(r"""\(*\s*json_valid\s*\(\s*["'`\[]?(\w+)["'`\]]?\s*\)\s*\)*""", re.IGNORECASE)


class NotKnown(Exception):
    """An expression names a table whose columns are not known: nothing more is said of it."""


def expression(text: str, scope: Scope, path: Path, report: Report) -> Typed | None:
    """A condition of the config; none, with a problem reported, where it is wrong."""
    try:
        return check.condition(text, scope)
    except NotKnown:
        return None
    except ExpressionError as error:
        report.error("E007", path, error.reason, error.position)
        return None


def syntax(text: str, path: Path, report: Report) -> nodes.Node | None:
    """An expression whose names are not known yet; none, with a problem reported, where it does not parse."""
    try:
        return grammar.parse(text)
    except ExpressionError as error:
        report.error("E007", path, error.reason, error.position)
        return None


def rules_of(
    table: schema.Table | schema.ModelTable,
    columns: Mapping[str, Column] | None,
    path: Path,
    report: Report,
    rows: Callable[[str], Rows | None] = nowhere,
    search: Searched | None = None,
) -> Mapping[str, Rule | None] | None:
    """The rules of a table by verb, none where it has no such extension. Without columns they are parsed and no more."""
    found = next(((index, each) for index, each in enumerate(table.extensions) if isinstance(each, schema.Rules)), None)
    if found is None:
        return None
    index, extension = found
    rules: dict[str, Rule | None] = {}
    for verb in VERBS:
        text: str | None = getattr(extension, f"{verb}_rule")
        at = (*path, "extensions", index, f"{verb}Rule")
        rules[verb] = None if text is None else _row_rule(verb, text, table.name, columns, at, report, rows, search)
    return rules


def _row_rule(
    verb: str,
    text: str,
    table: str,
    columns: Mapping[str, Column] | None,
    path: Path,
    report: Report,
    rows: Callable[[str], Rows | None],
    search: Searched | None,
) -> Rule | None:
    """A rule, which may look at other rows; an updateRule that looks out from them holds before and after the change."""
    if columns is None:
        syntax(text, path, report)
        return None
    scope = Scope(table, columns, PREFIXES[verb], new_paths=verb == "update", rows=rows, search=search, stored=verb != "create")
    tree = expression(text, scope, path, report)
    if tree is None:
        return None
    return Rule(text, twice(tree) if verb == "update" else tree)


def rule(
    text: str, table: str, columns: Mapping[str, Column] | None, prefixes: frozenset[str], path: Path, report: Report
) -> Rule | None:
    """One expression about rows of a table."""
    if columns is None:
        syntax(text, path, report)
        return None
    tree = expression(text, Scope(table, columns, prefixes), path, report)
    return Rule(text, tree) if tree else None


def is_json_check(field: schema.Field) -> bool:
    """Whether the check is the `json_valid(column)` of the original: JSON is valid here by itself."""
    text = field.check.q if isinstance(field.check, schema.SqlText) else field.check
    found = JSON_VALID.fullmatch(text.strip()) if isinstance(text, str) else None
    return field.type == "json" and found is not None and found[1] == field.name


def names_in(text: str | None) -> Iterator[tuple[str, ...]]:
    """Every name of an expression, as its parts; nothing where it does not parse."""
    try:
        yield from (node.parts for node in nodes.walk(grammar.parse(text or "null")) if isinstance(node, nodes.Name))
    except ExpressionError:
        return


def compared_columns(table: str, rules: Mapping[str, Rule | None] | None) -> tuple[str, ...]:
    """The columns that a rule, other than createRule, compares with literals and variables: an index serves those."""
    found: dict[str, None] = {}
    for verb, each in (rules or {}).items():
        if each and verb != "create":
            found.update(dict.fromkeys(_compared(grammar.parse(each.text), table)))
    return tuple(found)


def sought_columns(tables: Iterable[Table]) -> dict[str, list[tuple[str, ...]]]:
    """By table, for each `exists` of a rule the columns that it compares with what stands around: one of them needs an index."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for rule in (rule for table in tables for rule in (table.rules or {}).values() if rule):
        for node in nodes.walk(grammar.parse(rule.text)):
            if isinstance(node, nodes.Call) and node.name == "exists":
                table = str(node.args[0])
                found.setdefault(table, []).append(tuple(dict.fromkeys(_compared(node.args[1], table, VARIABLES | {"outer"}))))
    return found


def _compared(root: nodes.Node, table: str, around: Collection[str] = VARIABLES) -> Iterator[str]:
    for node in _of_this_row(root):
        if isinstance(node, nodes.Binary) and node.operator in COMPARISONS:
            for side, other in ((node.left, node.right), (node.right, node.left)):
                if (name := _column(side, table)) and all(each.parts[0] in around for each in _names(other)):
                    yield name


def _of_this_row(root: nodes.Node) -> Iterator[nodes.Node]:
    """The nodes of an expression but those inside `exists`, where names are another table's."""
    yield root
    if not (isinstance(root, nodes.Call) and root.name == "exists"):
        for child in nodes.children(root):
            yield from _of_this_row(child)


def _names(node: nodes.Node) -> list[nodes.Name]:
    return [each for each in nodes.walk(node) if isinstance(each, nodes.Name)]


def _column(node: nodes.Node, table: str) -> str | None:
    if isinstance(node, nodes.Name) and (len(node.parts) == 1 or (len(node.parts) == 2 and node.parts[0] == table)):
        return node.parts[-1]
    return None
