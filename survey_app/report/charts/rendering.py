"""Draw one figure: its JSON on the standard input, its pictures as JSON on the standard output.

Run as a program of its own (`python -m survey_app.report.charts.rendering`), so that the drawing
libraries, their 150 MB and their JavaScript engine never live in a web process.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from html import escape

import vl_convert

from survey_app.report.charts.drawings import DRAWINGS
from survey_app.report.charts.drawings.theme import Figure, Size

# Of a page's column on a desk and on a phone; of the picture that is taken away, with its title.
WIDE, NARROW = Size(800), Size(328)
WHOLE = Size(800, has_title=True)
PNG_SCALE = 2.0


def render(figure: Figure) -> dict[str, bytes]:
    """The figure's pictures by the name of their form; equal figures give equal bytes.

    `wide.svg` and `narrow.svg` are for pages that have title and caption beside them, `svg` and
    `png` hold both.
    """
    pictures = {
        form: to_svg(figure, size)
        for form, size in (("wide.svg", WIDE), ("narrow.svg", NARROW), ("svg", WHOLE))
    }
    png = vl_convert.svg_to_png(pictures["svg"], scale=PNG_SCALE)
    return {**{form: text.encode() for form, text in pictures.items()}, "png": png}


def to_svg(figure: Figure, size: Size) -> str:
    """The figure as an SVG that says what it is to who cannot see it; its text stays text."""
    spec = DRAWINGS[figure["kind"]](figure, size).to_dict(validate=False)
    svg = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return _tell(svg, figure["title"], f"{figure['description']} {figure['caption']}")


def _tell(svg: str, title: str, description: str) -> str:
    """The SVG as one image with a title and a description, its parts not told one by one."""
    svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    start = svg.index("<svg ") + len("<svg ")
    end = svg.index(">", start) + 1
    told = (
        f'<title id="title">{escape(title)}</title>'
        f'<desc id="description">{escape(description)}</desc>'
    )
    named = 'role="img" aria-labelledby="title" aria-describedby="description" '
    return svg[:start] + named + svg[start:end] + told + svg[end:]


def main() -> None:
    """Read one figure and write its pictures."""
    figure = json.load(sys.stdin)
    pictures = {form: base64.b64encode(one).decode() for form, one in render(figure).items()}
    json.dump(pictures, sys.stdout)


if __name__ == "__main__":
    main()
