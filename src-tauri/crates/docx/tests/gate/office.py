"""Drives LibreOffice: office.py FOLDER. For every NAME.docx of the folder beside which NAME.new.docx and NAME.old.docx
lie, all tracked changes are accepted and rejected by LibreOffice itself; NAME.accepted.txt and NAME.rejected.txt are what
it then exports as text, NAME.new.txt and NAME.old.txt what it exports of the files beside.

Needs a Python with `uno` (Debian: python3-uno) and soffice on the path.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue


def property(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


class Office:
    def __init__(self, folder):
        self.folder, self.pipe = folder, f"moqi{os.getpid()}"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [
                "soffice",
                f"-env:UserInstallation=file://{self.folder}/office",
                "--headless",
                "--norestore",
                f"--accept=pipe,name={self.pipe};urp;",
            ],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        address = f"uno:pipe,name={self.pipe};urp;StarOffice.ComponentContext"
        for _ in range(200):
            try:
                self.context = resolver.resolve(address)
                return
            except Exception:
                time.sleep(0.3)
        self.stop()
        sys.exit("LibreOffice does not answer")

    def stop(self):
        try:
            os.killpg(self.process.pid, 9)
        except ProcessLookupError:
            pass
        self.process.wait(10)

    def service(self, name):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def export(self, source, target, command=None):
        desktop = self.service("com.sun.star.frame.Desktop")
        document = desktop.loadComponentFromURL(
            f"file://{source}", "_blank", 0, (property("Hidden", True),)
        )
        if command:
            frame = document.CurrentController.Frame
            self.service("com.sun.star.frame.DispatchHelper").executeDispatch(
                frame, command, "", 0, ()
            )
        text = (property("FilterName", "Text (encoded)"), property("FilterOptions", "UTF8,LF,,,"))
        document.storeToURL(f"file://{target}", text)
        document.close(True)


folder = Path(sys.argv[1]).resolve()
office = Office(folder)
try:
    for new in sorted(folder.glob("*.new.docx")):
        base = str(new)[: -len(".new.docx")]
        for side, source, command in [
            ("accepted", "", ".uno:AcceptAllTrackedChanges"),
            ("rejected", "", ".uno:RejectAllTrackedChanges"),
            ("new", ".new", None),
            ("old", ".old", None),
        ]:
            try:
                office.export(f"{base}{source}.docx", f"{base}.{side}.txt", command)
            except Exception as error:
                print(f"{base} {side}: {error!r:.200}", flush=True)
                office.stop()
                office.start()
finally:
    office.stop()
