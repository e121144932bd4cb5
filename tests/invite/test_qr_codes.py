"""QR codes: what is drawn is read back by a reader of the test's own, from the image's pixels.

The reader knows the standard (ISO/IEC 18004) and not the program that draws: it finds the modules,
reads the format, takes the mask away, walks the codewords, orders the blocks and checks each by the
Reed-Solomon syndromes, which are zero for a code without an error.
"""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Browser

from survey_app.invite.qr_codes import png_of, svg_of

ADDRESS = "https://surveys.example.org/p/abcdefghjkmn"
LONG = "https://feedback.a-rather-long-name-of-a-company.example.org:8443/p/abcdefghjkmn"

# Of level Q: version to (codewords for correction in a block, blocks of data codewords).
BLOCKS_Q = {
    3: (18, [17, 17]),
    4: (26, [24, 24]),
    5: (18, [15, 15, 16, 16]),
    6: (24, [19] * 4),
    7: (18, [14, 14, 15, 15, 15, 15]),
}
# Of level H: a code may be better corrected than asked, where there is room for it.
BLOCKS_H = {
    4: (16, [9] * 4),
    5: (22, [11, 11, 12, 12]),
    6: (28, [15] * 4),
    7: (26, [13, 13, 13, 13, 14]),
}
MASKS = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)


def modules_of(image: Image.Image) -> tuple[list[list[bool]], int]:
    """The dark modules, and how many modules wide the light border is."""
    grey = image.convert("L")
    dark = grey.point(lambda value: 255 if value < 128 else 0)
    left, top, right, bottom = dark.getbbox() or (0, 0, 0, 0)
    assert right - left == bottom - top
    run = 0
    while grey.getpixel((left + run, top)) < 128:  # type: ignore[operator]
        run += 1
    size = run / 7  # The finder pattern's upper edge.
    count = round((right - left) / size)
    modules = [
        [
            grey.getpixel((int(left + (x + 0.5) * size), int(top + (y + 0.5) * size))) < 128  # type: ignore[operator]
            for x in range(count)
        ]
        for y in range(count)
    ]
    border = min(left, top, image.width - right, image.height - bottom)
    return modules, int(border / size + 0.01)


def functional(count: int) -> list[list[bool]]:
    """Which modules carry no data."""
    version = (count - 17) // 4
    taken = [[False] * count for _ in range(count)]

    def take(top: int, left: int, height: int, width: int) -> None:
        for y in range(top, top + height):
            for x in range(left, left + width):
                taken[y][x] = True

    take(0, 0, 9, 9)
    take(0, count - 8, 9, 8)
    take(count - 8, 0, 8, 9)
    take(6, 0, 1, count)
    take(0, 6, count, 1)
    centres = [6, count - 7] if version < 7 else [6, 22, count - 7]
    corners = {(6, 6), (6, count - 7), (count - 7, 6)}
    for y in centres:
        for x in centres:
            if (y, x) not in corners:
                take(y - 2, x - 2, 5, 5)
    if version >= 7:
        take(0, count - 11, 6, 3)
        take(count - 11, 0, 3, 6)
    return taken


def codewords_of(modules: list[list[bool]], mask: int) -> list[int]:
    count = len(modules)
    taken, bits = functional(count), []
    upwards, right = True, count - 1
    while right > 0:
        right -= right == 6
        for step in range(count):
            y = count - 1 - step if upwards else step
            bits.extend(
                modules[y][x] ^ MASKS[mask](y, x) for x in (right, right - 1) if not taken[y][x]
            )
        upwards, right = not upwards, right - 2
    whole = len(bits) // 8
    return [int("".join("01"[bit] for bit in bits[8 * i : 8 * i + 8]), 2) for i in range(whole)]


def times(one: int, other: int) -> int:
    """A product in the field of 256 elements of QR codes."""
    product = 0
    while other:
        product ^= one * (other & 1)
        one, other = (one << 1) ^ (0x11D if one & 0x80 else 0), other >> 1
    return product


def syndromes(block: list[int], correction: int) -> list[int]:
    found, root = [], 1
    for _ in range(correction):
        value = 0
        for word in block:
            value = times(value, root) ^ word
        found.append(value)
        root = times(root, 2)
    return found


def read(image: Image.Image) -> str:
    """The text of a code in an image, checked."""
    modules, _ = modules_of(image)
    version = (len(modules) - 17) // 4
    row = [modules[8][x] for x in (0, 1, 2, 3, 4)]
    shape = [
        bit ^ hidden for bit, hidden in zip(row, (True, False, True, False, True), strict=True)
    ]
    level, mask = shape[0] * 2 + shape[1], shape[2] * 4 + shape[3] * 2 + shape[4]
    correction, blocks = {3: BLOCKS_Q, 2: BLOCKS_H}[level][version]
    words = codewords_of(modules, mask)
    data: list[list[int]] = [[] for _ in blocks]
    place = 0
    for index in range(max(blocks)):
        for number, length in enumerate(blocks):
            if index < length:
                data[number].append(words[place])
                place += 1
    for number in range(len(blocks)):
        whole = data[number] + words[place + number :: len(blocks)][:correction]
        assert not any(syndromes(whole, correction))
    bits = "".join(f"{word:08b}" for block in data for word in block)
    assert bits[:4] == "0100"  # Bytes; up to version 9 their number has eight bits.
    length = int(bits[4:12], 2)
    return bytes(int(bits[12 + 8 * i : 20 + 8 * i], 2) for i in range(length)).decode()


@pytest.mark.parametrize("address", [ADDRESS, LONG])
def test_a_reader_finds_the_address_in_the_png(address: str) -> None:
    image = Image.open(io.BytesIO(png_of(address)))
    assert read(image) == address
    assert modules_of(image)[1] == 4


@pytest.mark.parametrize("address", [ADDRESS, LONG])
def test_a_reader_finds_the_address_in_the_svg_as_a_browser_draws_it(
    browser: Browser, address: str
) -> None:
    drawn = svg_of(address).decode()
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn)
    assert box is not None
    # Ten pixels a module, so that no edge falls between two pixels.
    side = int(box.group(1)) * 10
    page = browser.new_page(viewport={"width": side, "height": side})
    svg = drawn.replace("<svg ", f'<svg width="{side}" height="{side}" ', 1)
    page.set_content(f'<body style="margin: 0">{svg}</body>')
    image = Image.open(io.BytesIO(page.screenshot()))
    page.close()
    assert read(image) == address
    assert modules_of(image)[1] == 4
