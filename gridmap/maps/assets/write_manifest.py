"""Write MANIFEST.json: what is vendored, from where, under which licence, and its sha256.

python gridmap/maps/assets/write_manifest.py
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

HERE = Path(__file__).parent
# folder -> name, version, licence (SPDX), licence text, origin
ORIGINS = {
    "leaflet": ("Leaflet", "1.9.4", "BSD-2-Clause", "leaflet/LICENSE", "npm package leaflet@1.9.4"),
    "jquery": ("jQuery", "3.8.0", "MIT", "jquery/LICENSE.txt", "npm package jquery@3.8.0"),
    "fonts": (
        "Noto Sans CJK SC (subset, TrueType outlines)",
        "2.004",
        "OFL-1.1",
        "fonts/OFL.txt",
        "Debian package fonts-noto-cjk 1:20220127+repack1-1, by build_font.py",
    ),
}


def entries() -> list[dict[str, str]]:
    """One entry per vendored file, by path."""
    found = []
    for folder, (name, version, licence, text, origin) in ORIGINS.items():
        for path in sorted((HERE / folder).rglob("*")):
            if path.is_file():
                found.append(
                    {
                        "file": path.relative_to(HERE).as_posix(),
                        "name": name,
                        "version": version,
                        "licence": licence,
                        "licence_file": text,
                        "origin": origin,
                        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                    }
                )
    return sorted(found, key=lambda entry: entry["file"])


if __name__ == "__main__":
    text = json.dumps({"files": entries()}, ensure_ascii=False, indent=2)
    (HERE / "MANIFEST.json").write_text(text + "\n", encoding="utf-8")
