"""A page as a real browser shows it: what it complains of, which pictures it could not load, what text is cut.

Chromium is Debian's package of that name. The page is looked at without a screen; a probe in a copy of it measures.
"""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (on Debian: apt-get install chromium)")

PROBE = """<script>
addEventListener("load", () => {
  const scrolled = [...document.querySelectorAll(".rows")].filter(box => !box.closest("details:not([open])"))
    .filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.closest("article").id);
  document.querySelectorAll("details").forEach(box => box.open = true);
  const wide = innerWidth, cut = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, holder = text.parentElement, range = document.createRange();
    if (!text.data.trim() || holder.closest("script, style")) continue;
    let up = holder;
    while (up && up !== document.body && getComputedStyle(up).overflowX === "visible") up = up.parentElement;
    const frame = up === document.body ? null : up, cell = holder.closest("td, th");
    let room = {left: 0, right: wide};
    if (frame && !["auto", "scroll"].includes(getComputedStyle(frame).overflowX)) room = frame.getBoundingClientRect();
    else if (frame) room = {left: -Infinity, right: Infinity};
    const own = cell ? cell.getBoundingClientRect() : room;
    room = {left: Math.max(room.left, own.left), right: Math.min(room.right, own.right)};
    range.selectNodeContents(text);
    if ([...range.getClientRects()].some(line => line.left < room.left - 1 || line.right > room.right + 1))
      cut.push(text.data.trim().slice(0, 60));
  }
  const pictures = [...document.images];
  const root = document.documentElement;
  const found = {wide, sideways: root.scrollWidth - root.clientWidth, cut, scrolled, pictures: pictures.length,
    broken: pictures.filter(one => !one.complete || !one.naturalWidth).map(one => one.alt),
    dark: matchMedia("(prefers-color-scheme: dark)").matches, ground: getComputedStyle(document.body).backgroundColor,
    ink: getComputedStyle(document.body).color, text: document.body.innerText.length};
  parent.postMessage(JSON.stringify(found), "*");
});
</script>"""
# Chromium's windows are 500 wide at least: the page stands in a frame as wide as wanted.
FRAME = """<!DOCTYPE html><meta name="color-scheme" content="light dark"><pre id="measured"></pre><script>
addEventListener("message", told => { document.getElementById("measured").textContent = told.data; });
</script><iframe src="probed.html" style="border: 0; width: WIDEpx; height: 900px"></iframe>"""


def chromium(page: Path, folder: Path, width: int, *more: str, dark: bool = False) -> subprocess.CompletedProcess[str]:
    """Return what Chromium says when it opens ``page``; what it keeps goes to ``folder``."""
    assert CHROMIUM is not None
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    command += [f"--window-size={width},900", scheme, *more, page.resolve().as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


def complaints(page: Path, folder: Path, width: int) -> list[str]:
    """Return what the page, as it is, left in the browser's console."""
    done = chromium(page, folder, width, "--enable-logging=stderr", "--dump-dom")
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def measured(page: Path, folder: Path, width: int, dark: bool = False, printed: bool = False) -> dict[str, Any]:
    """Return what the probe measures in a copy of the page, every folded part opened; ``printed``: as on paper.

    But for ``scrolled``, the tables wider than the page, which is of what is not folded.
    """
    text = page.read_text(encoding="utf-8").replace(
        "default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'"
    )
    if printed:
        text = text.replace("@media print", "@media all")
    (folder / "probed.html").write_text(text.replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    (folder / "frame.html").write_text(FRAME.replace("WIDE", str(width)), encoding="utf-8")
    dom = chromium(
        folder / "frame.html", folder, width + 100, "--virtual-time-budget=20000", "--dump-dom", dark=dark
    ).stdout
    (found,) = re.findall(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)
    measures: dict[str, Any] = json.loads(html.unescape(found))
    return measures
