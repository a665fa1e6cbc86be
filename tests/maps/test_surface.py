"""The density surface: its own colours exactly, right side up, without the piles."""

from __future__ import annotations

import base64
import dataclasses
import io

import numpy as np
from PIL import Image

from gridmap.geometry.cells import LEVEL, cells
from gridmap.maps import colours
from gridmap.maps.surface import bandwidth_m, month_surface, overlay, rgba
from gridmap.statistics.left_out import of_piles, surfaces
from gridmap.statistics.model import CellCounts, Pile
from tests.maps import sample


def picture() -> np.ndarray:
    heat = sample.heat()
    found = overlay(heat, surfaces(heat)[0], None)
    assert found is not None
    data = str(found["url"]).removeprefix("data:image/png;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))


def test_the_picture_has_the_legends_colours_and_no_others() -> None:
    limits = sample.heat().scale.densities
    shown = {tuple(int(v) for v in pixel) for pixel in np.unique(picture().reshape(-1, 4), axis=0)}
    legend = {tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in colours.classes(len(limits))}
    assert {pixel[:3] for pixel in shown if pixel[3]} <= legend
    assert len(shown) > 4
    assert (0, 0, 0, 0) in shown


def test_the_picture_is_the_right_side_up() -> None:
    """The busiest grid lies in the northern row, in the middle."""
    opaque = picture()[:, :, 3].astype(float)
    row, column = np.unravel_index(np.argmax(opaque), opaque.shape)
    assert row < opaque.shape[0] / 2
    assert 0.35 < column / opaque.shape[1] < 0.65


def test_nothing_is_drawn_below_the_lowest_limit() -> None:
    found = rgba(np.array([[0.0, 1.9, 2.0, 1e9]]), (2.0, 10.0))
    assert found[0, :2, 3].tolist() == [0, 0]
    assert (found[0, 2:, 3] > 0).all()


def test_a_pile_makes_no_hot_spot() -> None:
    heat = sample.heat()
    lon, lat = sample.WEST + 1.5 * sample.SIDE, sample.SOUTH + 0.5 * sample.SIDE
    (x,), (y,) = cells([lon], [lat])
    assert not ((heat.cells.x == x) & (heat.cells.y == y)).any()
    more = CellCounts(
        LEVEL,
        np.append(heat.cells.x, x),
        np.append(heat.cells.y, y),
        np.append(heat.cells.reports, 500),
    )
    with_pile = dataclasses.replace(heat, cells=more, doubtful=of_piles((*heat.piles, Pile(lon, lat, 500))))
    plain = month_surface(surfaces(heat)[0]).values
    shown, difference = surfaces(with_pile)
    assert np.array_equal(month_surface(shown).values, plain)
    assert difference.left_out == 512
    assert difference.shift_m > 100
    asked, nothing = surfaces(dataclasses.replace(with_pile, include=("pile",)))
    assert month_surface(asked).values.max() > 5 * plain.max()
    assert (nothing.left_out, nothing.share) == (0, 0.0)


def test_nothing_is_drawn_outside_the_district() -> None:
    heat = sample.heat()
    found = month_surface(surfaces(heat)[0])
    assert found.bounds == heat.outline.bounds
    nothing = dataclasses.replace(heat, cells=sample.cells_of(np.zeros((0, 2))))
    assert month_surface(surfaces(nothing)[0]) is None


def test_the_bandwidth_hangs_on_the_outline_alone() -> None:
    heat = sample.heat()
    assert bandwidth_m(heat) == bandwidth_m(sample.heat(counts=(0,) * 9)) >= 100
