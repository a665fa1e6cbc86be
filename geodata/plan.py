"""The ground plan in numbers: where the subdistrict ends, where grids end, ridges, the planned quarter.

Distances in metres: s and t in a valley's frame, x and y local (valley.py), columns and rows of the quarter.
"""

import numpy as np

SEED = 610602006
NORTH, SOUTH = 4000.0, 9700.0  # the subdistrict's ends along the main valley
CENTRE = (6050.0, 7850.0)  # where the second street also divides grids
SIDE_MOUTH, SIDE_HEAD = 560.0, 2560.0
QUARTER_AT, QUARTER_TURN = (-1560.0, -420.0), np.radians(-9.0)
QUARTER_HALF = (760.0, 610.0)
OVERSHOOT = 14.0
RIDGE_DETAIL = 3.0  # metres a ridge may be straightened by: a surveyor would not walk every bush

STREAM_CUT = 6660  # here the stream itself divides, instead of a street

# Where grids end along the main valley (s), per side. The ends of the subdistrict are among them.
WEST_CUTS = (4000, 4470, 4960, 5480, 6050, 6420, 6780, 7140, 7490, 7850, 8320, 8790, 9240, 9700)
EAST_CUTS = (4000, 4530, 5080, 5560, 6050, 6300, STREAM_CUT, 7050, 7450, 7850, 8370, 8830, 9260, 9700)
SIDE_CUTS = (1500, 2040)

# Ridgelines between slope grids: where they leave the foot of the slope, and a point beyond the outline.
SPURS = (
    ("east", 5080, (900, 2650)),
    ("east", 8370, (1350, -1420)),
    ("east", 8830, (1080, -2050)),
    ("east", 7450, (1900, -640)),
    ("west", 4470, (-1750, 1950)),
    ("west", 5480, (-1700, 1250)),
    ("west", 9240, (-1080, -2960)),
    ("side_left", 1500, (1420, 2180)),
    ("side_right", 1500, (2120, 120)),
)
QUARTER_SPURS = (
    ((-9, 1), (-3300, 60)),
    ((-2, 9), (-1900, 1330)),
    ((-2, -9), (-2500, -2050)),
    ((0, -9), (-1880, -2300)),
)
LINKS = (((9, 1), "west", 6420), ((9, -1), "west", 7140), ((2, -9), "west", 8790))
RIDGES = (((2, 9), "west", 6050),)

OUTLINE_EAST = (
    (-480, 3230),
    (100, 3170),
    (620, 2560),
    (1010, 1990),
    (1560, 1900),
    (2230, 1800),
    (2800, 1900),
    (2960, 1500),
    (2930, 1020),
    (2500, 560),
    (1980, 290),
    (1640, -280),
    (1500, -900),
    (1180, -1500),
    (960, -2020),
    (560, -2420),
)
OUTLINE_WEST = (
    (-640, -2900),
    (-1000, -2720),
    (-1320, -2300),
    (-1680, -1860),
    (-2250, -1640),
    (-2740, -1180),
    (-2950, -500),
    (-2860, 180),
    (-2420, 690),
    (-1830, 930),
    (-1480, 1200),
    (-1480, 1620),
    (-1620, 2080),
    (-1290, 2400),
)
