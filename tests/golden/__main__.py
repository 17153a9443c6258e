"""Rewrites every expectation that has changed, and names it."""

from tests.corpora import CORPORA
from tests.corpus.test_corpora import rewrite
from tests.golden.expectations import expectations
from tests.rule_coverage import TABLE, table

for path, text in expectations():
    if not path.exists() or path.read_text("utf-8") != text:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"rewritten: {path}")
if CORPORA.is_dir():
    rewrite()
TABLE.write_text(table(), "utf-8")
