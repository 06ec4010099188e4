"""What docxtpl makes of a template: the words of each paragraph, kept for src-tauri/crates/docx/tests/fill.

    python3 -m venv v && v/bin/pip install docxtpl==0.20.2 && v/bin/python tests/reference/word/docxtpl/make.py

Writes template.xml (the body, which the test puts into a Word file of its own) and filled.json.
"""

import io
import json
import pathlib
import re

from docx import Document
from docxtpl import DocxTemplate

HERE = pathlib.Path(__file__).parent

document = Document()
document.add_paragraph("Supply agreement between {{ seller.name }} and {{ client }}")
split = document.add_paragraph("Dated {")
split.add_run("{ day").bold = True
split.add_run(" }} in {{ place | upper }}")
for words in [
    "{%p if taxed and not secret %}",
    "Prices exclude tax of {{ rate }} per cent.",
    "{%p elif secret %}",
    "Prices are secret.",
    "{%p else %}",
    "Prices include tax.",
    "{%p endif %}",
    "{%p for p in parts %}",
    "{{ loop.index }}. {{ p.title }}{% if p.note %} ({{ p.note }}){% endif %}",
    "{%p for s in p.steps %}",
    "{{ s.text | title }}{% if not loop.last %};{% else %}.{% endif %}",
    "{%p endfor %}",
    "{%p endfor %}",
    "Goods: {% for g in goods %}{{ g.name }} × {{ g.qty }}{% if not loop.last %}, {% endif %}{% endfor %}. <&> stays.",
]:
    document.add_paragraph(words)
table = document.add_table(rows=4, cols=2)
for row, cells in enumerate(
    [("Name", "Number"), ("{%tr for g in goods %}", ""), ("{{ g.name }}", "{{ g.qty }}{% if g.qty == '2' %} pairs{% endif %}"), ("{%tr endfor %}", "")]
):
    for column, words in enumerate(cells):
        table.cell(row, column).text = words

DATA = {
    "seller": {"name": "Acme & Sons <Ltd>"},
    "client": "华东公司",
    "day": "2026-11-23",
    "place": "london",
    "taxed": True,
    "secret": False,
    "rate": "20",
    "parts": [
        {"title": "Delivery", "note": "by sea", "steps": [{"text": "load the ship"}, {"text": "sail"}]},
        {"title": "Payment", "note": "", "steps": [{"text": "pay"}]},
    ],
    "goods": [{"name": "Gears", "qty": "2"}, {"name": "Shafts", "qty": "12"}],
}

saved = io.BytesIO()
document.save(saved)
saved.seek(0)
template = DocxTemplate(saved)
body = template.get_docx().element.body
from lxml import etree

children = "".join(etree.tostring(child, encoding="unicode") for child in body if not child.tag.endswith("sectPr"))
# The test declares the namespaces once for all.
children = re.sub(r' xmlns:\w+="[^"]*"', "", children)
HERE.joinpath("template.xml").write_text(children, encoding="utf-8")
saved.seek(0)
template = DocxTemplate(saved)
template.render(DATA, autoescape=True)
out = io.BytesIO()
template.save(out)
out.seek(0)
filled = Document(out)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
lines = ["".join(t.text or "" for t in p.iter(W + "t")) for p in filled.element.body.iter(W + "p")]
HERE.joinpath("filled.json").write_text(json.dumps(lines, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
