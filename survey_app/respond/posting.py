"""The fields of a posted form, read strictly: what cannot be read is refused, never replaced."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import Request

from survey_app.domain.problems import Problem, SoundingsError

LARGEST_POST = 2 * 1024 * 1024
MOST_FIELDS = 10_000


def read_posted(request: Request) -> tuple[dict[str, list[str]], list[Problem]]:
    """Read a form as browsers post it (URL-encoded UTF-8), field name to its values.

    Flask's own reader puts a replacement sign where bytes are not UTF-8; answers are stored as they
    were typed or not at all. With a problem there are no fields. Raises SoundingsError (413) above
    2 MB.
    """
    if (request.content_length or 0) > LARGEST_POST:
        raise SoundingsError("Your answers are longer than 2 MB. Go back and shorten them.", 413)
    request.max_content_length = LARGEST_POST
    if request.mimetype != "application/x-www-form-urlencoded":
        return {}, [Problem("", "wrong_form", "Please use the form on this page to answer.")]
    pairs = request.get_data().split(b"&")
    if len(pairs) > MOST_FIELDS:
        return {}, [Problem("", "too_many_fields", "Please use the form on this page to answer.")]
    fields: dict[str, list[str]] = {}
    try:
        for pair in pairs:
            if pair:
                name, _sign, value = pair.partition(b"=")
                fields.setdefault(_decode(name), []).append(_decode(value))
    except UnicodeDecodeError:
        message = "Your answers came in an encoding other than UTF-8. Please answer on this page."
        return {}, [Problem("", "wrong_encoding", message)]
    return fields, []


def _decode(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode()
