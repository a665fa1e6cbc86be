"""The ramp darkens at every step, for colour-blind eyes too; zero stands apart; legends are true."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from gridmap.maps import colours

# Machado, Oliveira and Fernandes (2009), full severity, in linear RGB
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("count", range(2, 10))
def test_the_ramp_darkens_at_every_step(count: int) -> None:
    ramp = colours.classes(count)
    light = [colours.luminance(colour) for colour in ramp]
    assert light == sorted(light, reverse=True)
    assert len(set(ramp)) == count


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("count", [5, 6, 7])
def test_classes_are_told_apart_by_colour_blind_eyes(blindness: str, count: int) -> None:
    ramp = (colours.ZERO, *colours.classes(count))
    seen = [lab(np.array(BLINDNESS[blindness]) @ linear(colour)) for colour in ramp]
    steps = [float(np.linalg.norm(a - b)) for a, b in pairwise(seen)]
    assert min(steps) > 8


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_rises_and_falls_are_told_apart_by_colour_blind_eyes(blindness: str) -> None:
    both = [*reversed(colours.FALLS), colours.SAME, *colours.RISES]
    seen = [lab(np.array(BLINDNESS[blindness]) @ linear(colour)) for colour in both]
    apart = [float(np.linalg.norm(a - b)) for at, a in enumerate(seen) for b in seen[at + 1 :]]
    assert min(apart) > 15
    for side in (colours.FALLS, colours.RISES):
        light = [colours.luminance(colour) for colour in (colours.SAME, *side)]
        assert light == sorted(light, reverse=True)


def test_a_single_class_is_a_colour() -> None:
    assert len(colours.classes(1)) == 1
    assert colours.classes(1)[0] not in (colours.ZERO, colours.PAPER)


def test_values_fall_into_their_classes() -> None:
    limits = (1, 3, 6)
    assert [colours.class_of(value, limits) for value in (0, 1, 2, 3, 5, 6, 1000)] == [0, 1, 1, 2, 2, 3, 3]
    assert colours.class_labels(limits) == ("1–2", "3–5", "≥ 6")
    assert colours.class_labels((1, 2, 5)) == ("1", "2–4", "≥ 5")
    assert colours.class_labels((1, 20_000, 500_000)) == ("1–", "2万–", "≥ 50万")
    assert colours.class_labels((1, 20_000, 2_000_000), "en") == ("1–", "20k–", "≥ 2M")


def test_ink_reads_on_every_class() -> None:
    for colour in (colours.ZERO, *colours.classes(6)):
        dark, light = sorted((colours.luminance(colour), colours.luminance(colours.ink_on(colour))))
        assert (light + 0.05) / (dark + 0.05) > 4  # for bold figures 3 is asked
