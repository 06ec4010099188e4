"""Judges every .docx of a folder: one line a file and judge, `file<TAB>judge<TAB>ok|bad<TAB>what it said`.

The command lines of openxml-audit (strict) and docx-integrity are called as they are, in one process a core, because
starting them costs more than judging. python-docx opens each file that has a list of words (`NAME.words`) beside it
and must find every line of it in the text of its paragraphs.
"""

import concurrent.futures
import contextlib
import io
import json
import os
import pathlib
import sys


def called(main):
    """Runs a command line; gives its exit status and what it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            status = main()
        except SystemExit as end:
            status = end.code
        except Exception as error:  # A judge that stumbles over a file has not passed it.
            status = 1
            print(f"{type(error).__name__}: {error}")
    return status or 0, said.getvalue()


def audit(path):
    from openxml_audit.cli import main

    words = ["-f", "office2021", "-m", "0", "-o", "json", "--policy", "strict", str(path)]
    status, said = called(lambda: main(args=words, prog_name="openxml-audit"))
    try:
        (found,) = json.loads(said)
    except ValueError:
        return False, said
    errors = [f"{error['part_uri']}: {error['description']}" for error in found["errors"]]
    return status == 0 and found["valid"] is True, "; ".join(errors)


def integrity(path):
    from docx_integrity.cli import main

    status, said = called(lambda: main(["check", "--no-config", str(path)]))
    return status == 0, said


def opened(path):
    import docx
    from docx.oxml.ns import qn

    def paragraphs(holder):
        for item in holder.iter_inner_content():
            if hasattr(item, "rows"):
                for row in item.rows:
                    for cell in row.cells:
                        yield from paragraphs(cell)
            else:
                # The text that python-docx gives of a paragraph leaves out content controls.
                yield "".join(words.text or "" for words in item._p.iter(qn("w:t")))

    def body():
        text = "".join("".join(paragraphs(docx.Document(str(path)))).split())
        wanted = path.with_suffix(".words").read_text(encoding="utf-8").splitlines()
        missing = [line for line in wanted if line not in text]
        print("; ".join(f"not there: {line}" for line in missing))
        return 1 if missing or not wanted else 0

    status, said = called(body)
    return status == 0, said


def judge(path):
    judges = [("openxml-audit", audit), ("docx-integrity", integrity)]
    if path.with_suffix(".words").exists():
        judges.append(("python-docx", opened))
    lines = []
    for name, ask in judges:
        ok, said = ask(path)
        lines.append("\t".join([path.stem, name, "ok" if ok else "bad", " ".join(said.split())[:600]]))
    return lines


if __name__ == "__main__":
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.docx"))
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(judge, files):
            print("\n".join(lines), flush=True)
