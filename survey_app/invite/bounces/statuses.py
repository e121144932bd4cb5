"""What a status code says of an address: that it takes no mail at all, or that this mail failed.

Codes are those of RFC 3463, class.subject.detail; servers that give none give the reply code of
RFC 5321. docs/how-to/bounces.md has the table for people.
"""

from __future__ import annotations

import re

HARD, SOFT = "hard", "soft"

# Permanent (class 5), and yet nothing that the address is to blame for: subject, and its details.
# None stands for all details of a subject.
NOT_THE_ADDRESS: dict[int, frozenset[int] | None] = {
    1: frozenset({7, 8}),  # the sender's address
    2: frozenset({2, 3}),  # the mailbox is full; the mail is too long
    3: None,  # the receiving system: full, busy, not taking mails of this size
    4: frozenset({5, 6, 7}),  # congestion, a loop, tried for too long
    5: None,  # the protocol between the two servers
    6: None,  # what the mail consists of
    7: None,  # policy: blocked as spam, not allowed, not signed
}
# Reply codes that say as much where a code of RFC 3463 says nothing: storage, and "failed".
NOT_THE_ADDRESS_REPLIES = frozenset({552, 554})

STATUS = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
REPLY = re.compile(r"(?<![\d.:#])([45][0-5]\d)(?![\d.:]\d)(?=[\s-]|$)")


def read_status(told: str, more: str) -> str:
    """The status code in `told`, or the one in `more` if that knows better; '' for none.

    "5.0.0" says no more than "permanent", so that what the other server said is asked for.
    """
    first, second = STATUS.search(told), STATUS.search(more)
    found = second if second and (first is None or first[0].endswith(".0.0")) else first
    if found:
        return found[0]
    reply = REPLY.search(more)
    return f"{reply[0][0]}.0.0" if reply else ""


def kind_of(status: str, more: str) -> str:
    """HARD if the address takes no mail now nor later, SOFT if another mail may reach it.

    `more` is what the other server said. Without a status nothing proves that it is for ever.
    """
    found = STATUS.fullmatch(status)
    if found is None or found[1] != "5":
        return SOFT
    subject, detail = int(found[2]), int(found[3])
    if subject == 0:
        reply = REPLY.search(more)
        return SOFT if reply and int(reply[1]) in NOT_THE_ADDRESS_REPLIES else HARD
    spared = NOT_THE_ADDRESS.get(subject, frozenset())
    return SOFT if spared is None or detail in spared else HARD
