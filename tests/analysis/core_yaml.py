"""YAML read as YAML 1.2 has it, which is how editors read."""

import re

import yaml


class CoreLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML 1.2's core schema, as editors read: dates are text, 007 and 1e5 are numbers."""

    yaml_implicit_resolvers = {}  # noqa: RUF012


def core_float(loader, node):
    return float(
        loader.construct_scalar(node).lower().replace(".inf", "inf").replace(".nan", "nan")
    )


CoreLoader.add_constructor(
    "tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node))
)
CoreLoader.add_constructor("tag:yaml.org,2002:float", core_float)
for tag, pattern, starts in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+.")),
):
    whole = re.compile(rf"(?:{pattern})\Z")
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", whole, starts)
