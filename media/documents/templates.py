"""HTML pages from templates, in which every value is escaped unless it is marked as HTML."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def rendered(package: str, name: str, **values: object) -> Markup:
    """Fill a template of a package's folder `templates`. Every value that the template uses must be given.

    package: a dotted name. name: a file. The result is marked as HTML: other templates insert it unchanged.
    """
    from markupsafe import Markup

    return Markup(_environment(package).get_template(name).render(values))


def style(package: str, name: str) -> Markup:
    """A style sheet or a script of a package, marked as HTML."""
    from markupsafe import Markup

    return Markup(files(package).joinpath(name).read_text(encoding="utf-8"))


@cache
def _environment(package: str) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    import_module(package)
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
