"""The icons of an installed /my, from the favicon: `python -m scripts.icons`. Anew whenever that changes.

A launcher cuts the mask icon to a shape of its own, so that one has no corners and its drawing is a little
smaller: it keeps inside the circle that no shape cuts into (W3C, Web Application Manifest: 80 % of it).
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts import chromium

STATIC = Path(__file__).parents[1] / "gridmap" / "faces" / "pages" / "static"
PAPER = '<body style="margin:0;background:{}"><img src="{}" style="display:block;margin:auto;width:{}px">'
GROUND = "#9b2c23"  # the favicon's own
ICONS = {"icon-192.png": (192, False), "icon-512.png": (512, False), "icon-512-mask.png": (512, True)}


def main() -> None:
    drawing = (STATIC / "favicon.svg").read_bytes()
    address = "data:image/svg+xml," + "".join(f"%{byte:02x}" for byte in drawing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.FLAGS)
        for name, (size, masked) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            width = round(size * 0.9) if masked else size
            page.set_content(PAPER.format(GROUND if masked else "transparent", address, width))
            page.evaluate(
                "document.body.style.paddingTop = `${(innerHeight - document.images[0].height) / 2}px`"
            )
            page.screenshot(path=STATIC / "my" / name, omit_background=not masked)
        browser.close()


if __name__ == "__main__":
    main()
