"""Texts of expressions, at random: literals, and templates of each kind of expression. generators.py has the strategies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta

from hypothesis import strategies as st

from tests.evaluator_samples import (
    FRACTIONS,
    INTEGERS,
    JSON_TEXTS,
    KEYS,
    PATTERNS,
    day_values,
    json_objects,
    stamp_values,
    text_values,
    time_values,
)

# Literals


def quoted(text: str, quote: str = "'") -> str:
    """The text as a literal."""
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


@st.composite
def quotes(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    return quoted(draw(texts), draw(st.sampled_from("'\"")))


@st.composite
def stamp_texts(draw: st.DrawFn) -> str:
    """A timestamp in one of its spellings."""
    stamp = draw(stamp_values)
    spelling = draw(st.integers(0, 4))
    local = stamp.strftime("%H:%M:%S") + f".{stamp.microsecond // 1000:03}"
    texts = (
        f"{stamp.date()}T{local}Z",
        f"{stamp.date()} {local}",
        f"{stamp.date()}T{local[:8]}Z",
        f"{stamp.date()}",
        (stamp + timedelta(hours=2)).strftime(f"{(stamp + timedelta(hours=2)).date()}T%H:%M:%S+02:00"),
    )
    return texts[spelling]


def modifier_texts() -> st.SearchStrategy[str]:
    counts = st.sampled_from((0, 1, -1, 2, -3, 11, 13, 31, -100, 1500, 10**6, 10**12))
    shifts = st.builds(
        lambda count, unit: f"{count:+} {unit}",
        counts,
        st.sampled_from(("seconds", "minutes", "hours", "days", "months", "years")),
    )
    return shifts | st.sampled_from(("start of day", "start of month", "start of year"))


formats = st.lists(
    st.sampled_from(("%Y", "%m", "%d", "%H", "%M", "%S", "%f", "%j", "%w", "%s", "%%", "-", " ", "T", "é'")), max_size=4
)
LITERALS: Mapping[str, st.SearchStrategy[str]] = {
    "lt": quotes(text_values),
    "pattern": quotes(st.sampled_from(PATTERNS) | st.text("aAbl%_\\", max_size=5)),
    "li": (st.sampled_from(INTEGERS) | st.integers(-20, 20)).map(str),
    "lf": (st.sampled_from(FRACTIONS) | st.integers(-2000, 2000).map(lambda cents: cents / 100)).map(repr),
    "lb": st.sampled_from(("true", "false", "TRUE")),
    "l01": st.sampled_from(("0", "1")),
    "small": st.integers(0, 6).map(str),
    "lts": quotes(stamp_texts()),
    "lday": quotes(day_values.map(str)),
    "ltime": quotes(time_values.map(str)),
    "ljson": quotes(st.sampled_from(JSON_TEXTS) | json_objects.map(json.dumps)),
    "key": quotes(
        st.sampled_from(
            (*KEYS, "none", "$.kind", "$.n", "$.list[0]", "$.list[1]", "$.deep.x[0].y", "$.deep.x", "$[0]", "$.none.a")
        )
    ),
    "path": quotes(
        st.sampled_from(("$.kind", "$.n", "$.fresh", "$.list[0]", "$.list[1]", "$.deep.x", "$[0]", "$.0", "$.none.a"))
    ),
    "modifier": quotes(modifier_texts()),
    "format": quotes(formats.map("".join)),
    "query": quotes(
        st.lists(
            st.sampled_from(
                (
                    *(
                        "a",
                        "A",
                        "b",
                        "alpha",
                        "beta",
                        "BETA",
                        "5",
                        "05",
                        "10",
                        "true",
                        "e",
                        "é",
                        "ß",
                        "hi",
                        "sure",
                        "2025",
                        "or",
                        "null",
                    ),
                    *(
                        "al*",
                        "be*",
                        "2*",
                        "a*",
                        "*",
                        "OR",
                        "OR",
                        "-a",
                        "-b",
                        "-al*",
                        "-",
                        '"',
                        "(",
                        ")",
                        "😀",
                        "a😀b",
                        "it's",
                        "OR 1=1",
                    ),
                    *(
                        '"it s"',
                        '"say hi"',
                        '-"a b"',
                        "100%_sure",
                        "2025-01-31",
                        '"or 1"',
                        "a-b",
                        "a.b*",
                        "01-3*",
                        "^a",
                        "name:a",
                    ),
                )
            ),
            max_size=4,
        ).map(" ".join)
        | text_values
    ),
    "searched": st.sampled_from(("things", "things", "name", "things.name", "code", "tag")),
    "eq": st.sampled_from(("==", "!=", "=")),
    "cmp": st.sampled_from(("==", "!=", "=", "<", "<=", ">", ">=")),
    "like": st.sampled_from(("~", "!~")),
    "in": st.sampled_from(("in", "!in", "IN")),
    "sign": st.sampled_from(("+", "-", "*", "/")),
    "junction": st.sampled_from(("&", "|")),
}

# Templates: <x> is a part of kind x, or a literal. First the leaves, then what grows; two spaces or a line end part them.


def several(block: str) -> tuple[str, ...]:
    """The templates of a block."""
    return tuple(re.split(r"\s*\n\s*|  +", block.strip())) if block else ()


PARTS: Mapping[str, tuple[str, str]] = {
    "t": (
        "name  code  tag  id  things.name  <lt>",
        """
            lower(<t>)  upper(<t>)  trim(<t>)  substring(<t>, <small>)  substring(<t>, <small>, <small>)  (<t> || <t>)
            substring(<t>, 1, <i>)  replace(<t>, <t>, <t>)  concat(<t>, <i>, <t>)  concat(<t>, <n>)  (<t> || <i>)
            concat(<i>)  coalesce(<t>, <t>)  coalesce(<loose>, <t>)  coalesce(auth.uid, <t>)  strftime(<format>, <ts>)
            (<n> || <t>)  min(name, <lt>)  max(id, lower(<t>))  strftime('%Y-%m', <d>)  (lower(<loose>) || <t>)
            concat(<t>, null, auth.email)
        """,
    ),
    "i": (
        "qty  views  <li>  length(name)",
        """
            (<i> <sign> <i>)  -(<i>)  abs(<i>)  length(<t>)  (<i> + <b>)  (<b> * <i>)  coalesce(<i>, <i>)  min(<i>, <i>)
            max(<i>, <i>)  json_length(<j>)  json_length(<part>)  unixepoch(<ts>)  unixepoch(<d>, <modifier>)  (<i> / <i>)
        """,
    ),
    "n": (
        "price  weight  <lf>",
        """
            (<n> <sign> <n>)  (<n> <sign> <i>)  (<i> <sign> <n>)  -(<n>)  abs(<n>)  round(<n>)  round(<n>, <small>)
            coalesce(<n>, <n>)  min(<n>, <n>)  max(<n>, <n>)  (<loose> + <n>)  (<n> * <b>)
        """,
    ),
    "b": (
        "on_sale  <lb>  things.on_sale",
        "(<condition>)  json_contains(<part>, <v>)  coalesce(<b>, <lb>)",
    ),
    "ts": (
        "created_at",
        """
            datetime(<ts>, <modifier>)  datetime(<d>)  datetime(<i>, 'unixepoch')  datetime(<lts>, <modifier>, <modifier>)
            coalesce(<ts>, <lts>)  max(<ts>, <lts>)  datetime(<ts>)  datetime(<t>)
        """,
    ),
    "d": (
        "day  date(created_at)",
        "date(<ts>, <modifier>)  date(<d>, <modifier>)  date(<lday>)  coalesce(<d>, <lday>)  date(<t>)",
    ),
    "time": (
        "opens  time(created_at)",
        "time(<time>, '+90 minutes')  time(<ts>, <modifier>)  coalesce(<time>, <ltime>)",
    ),
    "j": (
        "data  extra",
        """
            json_set(<j>, <path>, <v>)  json_insert(<j>, <path>, <v>)  json_replace(<j>, <path>, <v>)
            json_patch(<j>, <ljson>)  json_patch(<j>, <j>)  coalesce(<j>, <ljson>)
        """,
    ),
    "part": (
        "(data->'list')  (data-><key>)  (extra-><key>)",
        "(<j>-><key>)  (<part>-><key>)",
    ),
    "loose": (
        "(data->>'kind')  (data->>'n')  (data->>'flag')  (data->><key>)",
        "(<j>->><key>)  (<part>->><key>)",
    ),
    "v": (
        "<lt>  <li>  <lb>  null  name  qty  on_sale",
        "<t>  <i>  <b>  <j>  <part>  <loose>  auth.uid",
    ),
    "any": (
        "name  qty  price  on_sale  day  data  (data->>'kind')",
        "<t>  <i>  <n>  <b>  <ts>  <d>  <time>  <j>  <part>  <loose>",
    ),
    "variable": (
        "auth.uid  auth.email  auth.role  auth.meta.base  auth.meta.level  auth.meta.nope  auth.meta  auth.meta.base.x",
        "",
    ),
    "condition": (
        """
            name <cmp> <lt>  code <cmp> <lt>  tag <eq> <lt>  qty <cmp> <li>  price <cmp> <lf>  qty <cmp> views
            price <cmp> qty  on_sale <eq> <lb>  on_sale <eq> <l01>  <any>  !<any>  <any> <eq> null  created_at <cmp> <lts>
            day <cmp> <lday>  opens <cmp> <ltime>  day <cmp> created_at  name <cmp> code  qty == <lf>  <lb>
            name <like> <pattern>  qty in (<li>, <li>)  name <in> [<lt>, <lt>]  data <eq> <ljson>  data <eq> extra
            <loose> <eq> <lt>  <loose> <cmp> <li>  <loose> <eq> <lb>  <loose> <eq> null  <loose> <cmp> name
            <loose> <cmp> qty  <loose> <eq> on_sale  <loose> <eq> auth.uid  <lt> in (data->'list')
            name <in> (data->'list')  qty <in> (data->'list')  json_contains(data->'list', <v>)  auth.uid <eq> name
            id <eq> auth.uid  auth.role <eq> <lt>  auth.role == 'admin'  auth.role <like> <pattern>
            auth.role <in> ('admin', 'a')  auth.uid <in> (data->'list')  name <in> auth.meta.names
            auth.meta.level <cmp> qty  price <cmp> auth.meta.level  auth.meta.level <cmp> <li>  auth.verified
            created_at <cmp> auth.meta.since  day <eq> auth.meta.since  code <cmp> auth.meta.base  <variable> <eq> null
            !auth.verified  <variable>  !<variable>  data <eq> auth.meta.object  auth.meta.flag <eq> on_sale
            auth.uid <eq> auth.meta.base  auth.email <cmp> name  <searched> @@ <query>  things @@ <query>
            !(<searched> @@ <query>)  <searched> @@ auth.uid  things @@ auth.role  things @@ auth.meta.names
            name @@ auth.meta.base
        """,
        """
            (<condition> <junction> <condition>)  (<condition> <junction> <condition> <junction> <condition>)
            !(<condition>)  <t> <cmp> <t>  <t> <like> <t>  <t> <like> <pattern>  <t> <in> (<t>, <t>, null)
            <t> <in> <part>  <i> <cmp> <i>  <i> <in> (<i>, <n>)  <n> <cmp> <n>  <n> <cmp> <i>  <n> <cmp> <loose>
            <b> <eq> <b>  <ts> <cmp> <ts>  <ts> <cmp> <d>  <d> <cmp> <d>  <d> <in> (<lday>, <d>)  <time> <cmp> <time>
            <j> <eq> <j>  <j> <eq> <ljson>  <part> <eq> <j>  <loose> <in> ('a', 'b', <lt>)  <loose> <eq> <t>
            <loose> <like> <pattern>  <i> <in> <part>  lower(auth.uid) <eq> <t>  <t> <like> auth.uid  <part> <eq> null
            (<searched> @@ <query> <junction> <searched> @@ <query>)  (<searched> @@ <query>) <eq> <b>
            <condition>  date('now', '+200 years') > <d>  (auth.meta.level + <i>) <cmp> <n>
            coalesce(auth.meta.base, <t>) <eq> <t>  (<condition>) <eq> (<condition>)  <j> <in> (extra, <j>)
        """,
    ),
}
Templates = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
TEMPLATES: Templates = {kind: (several(leaves), several(grown)) for kind, (leaves, grown) in PARTS.items()}

REFUSED = several(
    """
        name + 1  name == qty  qty == 'many'  nosuch(name)  nope == 1  lower(qty) == 'a'  day == qty  data == name
        abs(name) > 1  on_sale == qty  on_sale == 2  created_at > 'soon'  qty ~ '1%'  concat(on_sale) == 'a'
        strftime('%Q', day) == 'a'  name->>'a' == 'b'  date(day, 'nonsense') == day  name__exact == 'a'  pk == 'a'
        auth.nope == 'a'  things.nope == 1  others.name == 'a'  name in qty  lower() == 'a'  lower(name, name) == 'a'
        -name == 'a'  day + 1 == 2  data + 1 == 2  name / 2 == 1  coalesce(name, qty) == 'a'  length(data) == 1
        json_length(name) == 1  qty in ('a', 'b')  qty in (name)  count() == 1  sum(qty) == 1  max(qty) == 1  auth == 'a'
        request.nope == 'a'  params.nope == 'a'  new.nope == 'a'  Name == 'a'  day.x == 1  !nope  true | nope
        false & name == qty  qty @@ 'a'  id @@ 'a'  lower(name) @@ 'a'  name @@ code  nope @@ 'a'  name == code @@ 'a'
        things @@ lower('a')  auth.uid @@ 'a'  new.name @@ 'a'
    """
)


def grown(draw: st.DrawFn, kind: str, depth: int, templates: Templates = TEMPLATES) -> str:
    """A text of the kind; a literal or operator where the kind has no templates."""
    if kind not in templates:
        return draw(LITERALS[kind])
    leaves, branches = templates[kind]
    template = draw(st.sampled_from(leaves if depth <= 0 or not branches else leaves + branches))
    return re.sub(r"<(\w+)>", lambda found: grown(draw, found[1], depth - 1, templates), template)


def fits(text: str) -> bool:
    """Whether the text is well within the grammar's 4,000 characters and 256 nodes."""
    return len(text) <= 2000 and len(re.findall(r"[\w.]+|[^\w\s]+", text)) <= 240
