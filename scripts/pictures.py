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
from scripts import chromium

DOCS = Path(__file__).parents[1] / "docs"
DESK, PHONE = (1440, 900), (390, 844)
PAGES = {  # path, who looks, on what
    "district.png": ("/", "demo.office", DESK),
    "heat-phone.png": ("/maps/heat?month=2023-07", "demo.office", PHONE),
    "desk.png": ("/desk?state=live", "demo.office", DESK),
    "my-phone.png": ("/my", "demo.chief", PHONE),
}
HERE = {"longitude": 109.4654, "latitude": 36.6197, "accuracy": 12}  # in the member's grid
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
        subprocess.run([sys.executable, "-m", "gridmap", "demo", "--cases"], env=environment, check=True)
        photograph(url, folder)
        sheet(environment, folder)
    finally:
        service.terminate()
        service.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def photograph(url: str, folder: Path) -> None:
    """Screenshots of the pages, as a desk and a phone show them.

    A server has no Chinese font, as those have; the one that the prints embed stands in.
    """
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS.format(ASSETS / "fonts"), encoding="utf-8")
    environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable(), args=chromium.FLAGS, env=environment
        )
        for name, (path, login, (width, height)) in PAGES.items():
            page = browser.new_page(
                viewport={"width": width, "height": height}, permissions=["geolocation"], geolocation=HERE
            )
            page.goto(f"{url}/sign-in")
            page.click(f"button[value='{login}']")
            page.goto(url + path)  # a desk listens on and on, so no network is ever idle
            page.wait_for_timeout(3_000)
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
