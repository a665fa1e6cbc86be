"""Which counts of a digest may be printed grid by grid. The one place that decides it."""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.statistics.digests.model import Digest


@dataclass(frozen=True, slots=True)
class Printed:
    """A digest whose counts by grid, maps and surface are fit for print; `private`: reports left out."""

    digest: Digest
    private: int


def printed(digest: Digest) -> Printed:
    """The digest as it may be printed: what it tells by place is of public categories alone already."""
    return Printed(digest, digest.private_left_out)
