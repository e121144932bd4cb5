"""contacts are found by the beginnings of words: an index over address, name and external id.

SQLite has it as a table of its own, which triggers on `contact` keep. Whatever rebuilds `contact`
(op.batch_alter_table) loses them: a later migration that does it makes them anew.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = """
CREATE VIRTUAL TABLE contact_words USING fts5(
    email, name, external_id, content = 'contact', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
)
"""
OLD = (
    "INSERT INTO contact_words (contact_words, rowid, email, name, external_id) "
    "VALUES ('delete', old.id, old.email, old.name, old.external_id);"
)
NEW = (
    "INSERT INTO contact_words (rowid, email, name, external_id) "
    "VALUES (new.id, new.email, new.name, new.external_id);"
)
TRIGGERS = {
    "contact_words_added": f"AFTER INSERT ON contact BEGIN {NEW} END",
    "contact_words_deleted": f"AFTER DELETE ON contact BEGIN {OLD} END",
    # What is written without a change costs nothing.
    "contact_words_changed": (
        "AFTER UPDATE OF email, name, external_id ON contact WHEN old.email IS NOT new.email "
        "OR old.name IS NOT new.name OR old.external_id IS NOT new.external_id "
        f"BEGIN {OLD} {NEW} END"
    ),
}
INDEX = """
CREATE INDEX ix_contact_words ON contact USING gin (
    to_tsvector('simple', fold_words(
        email || ' ' || name || ' ' || coalesce(external_id, '')
    ))
)
"""


def folding() -> tuple[str, str]:
    """Letters and what stands for them: without accents, in lower case, whatever the locale; and
    signs, for which a space does: 'jo.baker@example.org' is four words."""
    pairs = {}
    for code in (*range(0xC0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x1F00)):
        letter = chr(code)
        if unicodedata.category(letter) not in ("Lu", "Ll", "Lt"):
            continue
        bare = unicodedata.normalize("NFD", letter)[0].lower()
        if bare != letter and len(bare) == 1:
            pairs[letter] = bare
    signs = "".join(chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum())
    source = "".join(pairs) + signs
    return source, "".join(pairs.values()) + " " * len(signs)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute(sa.text(TABLE))
        connection.exec_driver_sql("INSERT INTO contact_words (contact_words) VALUES ('rebuild')")
        for name, deed in TRIGGERS.items():
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {deed}")
    else:
        source, target = (text.replace("'", "''") for text in folding())
        connection.exec_driver_sql(
            "CREATE FUNCTION fold_words(words text) RETURNS text LANGUAGE sql IMMUTABLE "
            f"PARALLEL SAFE RETURN translate(words, '{source}', '{target}')".replace("%", "%%")
        )
        connection.exec_driver_sql(INDEX)


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for name in TRIGGERS:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("DROP TABLE contact_words")
    else:
        connection.exec_driver_sql("DROP INDEX ix_contact_words")
        connection.exec_driver_sql("DROP FUNCTION fold_words(text)")
