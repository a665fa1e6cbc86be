"""The README's pictures, from a freshly built demonstration: `make pictures`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from gridmap.maps.page import ASSETS

DOCS = Path(__file__).parents[1] / "docs"
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CHROMIUM_ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
PAGES = {
    "district.png": ("/", (1440, 900)),
    "heat-phone.png": ("/maps/heat?month=2023-07", (390, 844)),
}
MONTH = "2023-07"
FONTS = """<?xml version="1.0"?>
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{}</dir></fontconfig>
"""


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="gridmap-pictures-"))
    folder.chmod(0o755)
    environment = {**os.environ, "GRIDMAP_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "gridmap", "serve", "--port", "0"]
    service = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert service.stdout is not None
        url = service.stdout.readline().removeprefix("gridmap: ").strip().rstrip("/")
        photograph(url, folder)
        sheet(environment, folder)
    finally:
        service.terminate()
        service.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def photograph(url: str, folder: Path) -> None:
    """Screenshots of the pages, as a desk and a phone show them to the office.

    A server has no Chinese font, as those have; the one that the prints embed stands in.
    """
    chromium = os.environ.get("GRIDMAP_CHROMIUM") or shutil.which("chromium")
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS.format(ASSETS / "fonts"), encoding="utf-8")
    environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=CHROMIUM_ARGUMENTS, env=environment
        )
        for name, (path, (width, height)) in PAGES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(f"{url}/sign-in")
            page.click("button[value='demo.office']")
            page.goto(url + path, wait_until="networkidle")
            page.wait_for_timeout(1_000)
            page.screenshot(path=DOCS / name)
        browser.close()


def sheet(environment: dict[str, str], folder: Path) -> None:
    """The printed sheet, from its PDF."""
    export = [sys.executable, "-m", "gridmap", "export", "heatmap", "--month", MONTH, "--format", "pdf"]
    subprocess.run([*export, "--out", str(folder)], env=environment, check=True, stdout=subprocess.DEVNULL)
    pdf = next(folder.glob("heatmap-*.pdf"))
    subprocess.run(["pdftoppm", "-r", "80", "-png", "-singlefile", pdf, DOCS / "sheet"], check=True)


if __name__ == "__main__":
    main()
