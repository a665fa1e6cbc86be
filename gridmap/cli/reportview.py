"""The check report of an area file, printed for a person."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gridmap.areas.verdicts import CheckReport, Finding, Verdict
from gridmap.errors import GridmapError

STYLES = {"refused": "bold red", "warned": "yellow", "accepted": "green"}
ALIKE = 8  # findings of one code that are written out
TRIFLES = ("ring_order", "duplicate_nodes", "z_dropped", "legacy_crs")  # come last
FEATURES = 40  # verdicts that are written out for a small file


def print_report(console: Console, report: CheckReport) -> None:
    """What was read and by which rules, findings by kind with their places, and the verdicts."""
    layer = f", layer {report.layer}" if report.layer else ""
    encoding = f", {report.encoding}" if report.encoding else ""
    fields = ", ".join(f"{role} ← {field}" for role, field in report.fields.items() if field)
    _say(console, f"{report.file_name}: {report.format}{layer}{encoding}, {report.crs}")
    _say(console, f"  as {report.kind}; {fields or 'no fields of codes and names: geometries only'}")
    for rule, effect in report.rules.items():
        _say(console, f"  {rule}: {effect}", "dim")
    findings = sorted(report.findings, key=lambda f: (f.severity != "refused", f.code in TRIFLES, f.code))
    for (_, code), group in groupby(findings, key=lambda f: (f.severity, f.code)):
        _print_group(console, code, list(group), report)
    if 0 < len(report.verdicts) <= FEATURES:
        _print_verdicts(console, report.verdicts)
    counts = ", ".join(f"{count:,} {name}" for name, count in report.counts.items())
    mended = f", {len(report.repaired):,} of them repaired" if report.repaired else ""
    console.print(
        Text(f"{len(report.verdicts):,} features: {counts}{mended} — ").append(
            "passed" if report.passed else "refused", STYLES["accepted" if report.passed else "refused"]
        )
    )


def print_summary(console: Console, judged: Sequence[CheckReport | tuple[Path, GridmapError]]) -> None:
    """One line per feature of several files, and one for a file that could not be read."""
    table = Table(box=None, header_style="bold")
    for column in ("file", "feature", "verdict", "why"):
        table.add_column(column, overflow="fold")
    for each in judged:
        if isinstance(each, tuple):
            table.add_row(Text(each[0].name), "", _verdict("refused"), Text(each[1].message))
            continue
        for finding in each.findings:
            if not finding.numbers:
                table.add_row(Text(each.file_name), "", _verdict(finding.severity), Text(_reason(finding)))
        for verdict in each.verdicts:
            reasons = "; ".join(_reason(f) for f in verdict.findings)
            table.add_row(Text(each.file_name), str(verdict.number), _verdict(verdict.verdict), Text(reasons))
    print_table(console, table)


def print_table(console: Console, table: Table) -> None:
    """A table, folded to a terminal; a pipe or file has no edge to fold at."""
    target = console if console.is_terminal else Console(file=console.file, width=400)
    target.print(table)


def _print_group(console: Console, code: str, findings: Sequence[Finding], report: CheckReport) -> None:
    style = STYLES[findings[0].severity]
    _say(console, f"{findings[0].severity}: {code} ({len(findings):,})", style)
    names = {verdict.number: verdict for verdict in report.verdicts}
    for finding in findings[:ALIKE]:
        concerned = finding.numbers if code != "overlap" else ()  # its message names the two
        who = ", ".join(_who(names[number]) for number in concerned[:ALIKE])
        where = f" at {finding.lon:.6f}, {finding.lat:.6f}" if finding.lon is not None else ""
        _say(console, f"  {who}{': ' if who else ''}{finding.message}{where}")
    if len(findings) > ALIKE:
        _say(console, f"  … and {len(findings) - ALIKE:,} more (--json lists all)", "dim")


def _print_verdicts(console: Console, verdicts: Sequence[Verdict]) -> None:
    table = Table(box=None, header_style="bold")
    for column in ("feature", "code", "name", "verdict", "why"):
        table.add_column(column, overflow="fold")
    for verdict in verdicts:
        reasons = ", ".join(dict.fromkeys(finding.code for finding in verdict.findings))
        table.add_row(
            str(verdict.number),
            Text(verdict.code or ""),
            Text(verdict.name or ""),
            _verdict(verdict.verdict),
            Text(reasons),
        )
    print_table(console, table)


def _who(verdict: Verdict) -> str:
    label = " ".join(dict.fromkeys(part for part in (verdict.code, verdict.name) if part))
    return f"feature {verdict.number}" + (f" ({label})" if label else "")


def _reason(finding: Finding) -> str:
    return f"{finding.code}: {finding.message}"


def _verdict(verdict: str) -> Text:
    return Text(verdict, STYLES[verdict])


def _say(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style), highlight=False, soft_wrap=True)
