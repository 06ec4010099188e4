"""Writes and reads the contract with python-docx and prints medians of milliseconds as JSON: FOLDER OUT.docx"""

import io
import json
import pathlib
import statistics
import sys
import time

import docx

RUNS = 3
folder, out = map(pathlib.Path, sys.argv[1:])
lines = [line.split("\t") for line in (folder / "contract.txt").read_text(encoding="utf-8").splitlines()]
file = (folder / "contract.docx").read_bytes()


def say(paragraph, words):
    for word in words:
        paragraph.add_run(word[1:]).bold = word[0] == "*"


def write():
    document = docx.Document()
    styles = ["List Number", "List Number 2", "List Number 3"]
    table = None
    for kind, depth, *words in lines:
        if kind == "header":
            table = document.add_table(0, len(words))
        if kind in ("header", "row"):
            for cell, word in zip(table.add_row().cells, words):
                say(cell.paragraphs[0], [word])
        elif kind == "heading":
            say(document.add_heading(level=int(depth) + 1), words)
        elif kind == "item":
            say(document.add_paragraph(style=styles[int(depth) - 1]), words)
        else:
            say(document.add_paragraph(), words)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def read():
    """The words of every paragraph and cell with its style: less than our reader gives."""
    document = docx.Document(io.BytesIO(file))
    found = []
    for item in document.iter_inner_content():
        if hasattr(item, "rows"):
            found += [("cell", cell.text) for row in item.rows for cell in row.cells]
        else:
            found.append((item.style.name, item.text))
    return found


def timed(work):
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        result = work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), result


write_ms, written = timed(write)
read_ms, found = timed(read)
out.write_bytes(written)
characters = sum(len(text) for _, text in found)
print(json.dumps({"write_ms": write_ms, "read_ms": read_ms, "bytes": len(written), "characters": characters}))
