"""The fields and files of a posted form, read strictly: what cannot be read is refused, never
replaced.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import Request
from flask_babel import gettext
from werkzeug.sansio import multipart

from survey_app.domain.problems import Problem, SoundingsError
from survey_app.domain.question_types.file import MEGABYTE
from survey_app.respond.uploading import Upload

SMALL_POST = 64 * 1024
LARGEST_POST = 2 * MEGABYTE
LARGEST_POST_WITH_FILES = 60 * MEGABYTE
MOST_FIELDS = 10_000
URL_ENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

Fields = dict[str, list[str]]
Uploads = dict[str, Upload]


def read_posted(request: Request, largest: int) -> tuple[Fields, Uploads, list[Problem]]:
    """Read a form as browsers post it (UTF-8): field name to its values, and to its file.

    Flask's own reader puts a replacement sign where bytes are not UTF-8; answers are stored as they
    were typed or not at all. With a problem there are no fields. Raises SoundingsError (413) above
    `largest` bytes.
    """
    if (request.content_length or 0) > largest:
        size = largest // MEGABYTE
        raise SoundingsError(
            gettext(
                "Your answers are longer than %(size)s MB. Go back and shorten them.", size=size
            ),
            413,
        )
    request.max_content_length = largest
    if request.mimetype not in (URL_ENCODED, MULTIPART):
        return {}, {}, [_wrong_form("wrong_form")]
    try:
        if request.mimetype == MULTIPART:
            return _read_parts(request)
        pairs = request.get_data().split(b"&")
        if len(pairs) > MOST_FIELDS:
            return {}, {}, [_wrong_form("too_many_fields")]
        fields: Fields = {}
        for pair in pairs:
            if pair:
                name, _sign, value = pair.partition(b"=")
                fields.setdefault(_decode(name), []).append(_decode(value))
        return fields, {}, []
    except UnicodeDecodeError:
        return {}, {}, [_wrong_encoding()]


def _read_parts(request: Request) -> tuple[Fields, Uploads, list[Problem]]:
    """A form with files; an empty file without a name is a field in which none was chosen."""
    boundary = request.mimetype_params.get("boundary", "").encode()
    decoder = multipart.MultipartDecoder(boundary, max_parts=MOST_FIELDS)
    fields: Fields = {}
    uploads: Uploads = {}
    part: multipart.Field | multipart.File | None = None
    content = b""
    try:
        decoder.receive_data(request.get_data())
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), multipart.Epilogue):
            if isinstance(event, multipart.NeedData):
                return {}, {}, [_wrong_form("wrong_form")]
            if isinstance(event, (multipart.Field, multipart.File)):
                part, content = event, b""
            elif isinstance(event, multipart.Data) and part is not None:
                content += event.data
                if not event.more_data:
                    _take(part, content, fields, uploads)
    except UnicodeDecodeError:
        raise
    except ValueError:
        return {}, {}, [_wrong_form("wrong_form")]
    return fields, uploads, []


def _take(
    part: multipart.Field | multipart.File, content: bytes, fields: Fields, uploads: Uploads
) -> None:
    if not part.name:
        raise ValueError("a part of the form has no name")
    if isinstance(part, multipart.Field):
        fields.setdefault(part.name, []).append(content.decode())
    elif part.filename:
        uploads[part.name] = Upload(part.filename, content)


def _wrong_form(code: str) -> Problem:
    return Problem.told("", code, "Please use the form on this page to answer.")


def _wrong_encoding() -> Problem:
    return Problem.told(
        "",
        "wrong_encoding",
        "Your answers came in an encoding other than UTF-8. Please answer on this page.",
    )


def _decode(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode()
