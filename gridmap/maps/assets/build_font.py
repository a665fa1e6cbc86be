"""Rebuild the two vendored fonts from Noto Sans CJK (Debian: fonts-noto-cjk; needs fonttools).

    python gridmap/maps/assets/build_font.py [FOLDER_OF_THE_TTC_FILES]

Keeps Latin-1, punctuation, signs and the 6,763 Han of GB2312, plus the Han beyond it that turn up in names of
people, estates and streets. The outlines are turned from cubic into quadratic (TrueType), because matplotlib
embeds a CFF font badly in PDF. Not here: which texts are printed with them (gridmap.maps.printing).
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
from fontTools.ttLib import TTCollection, TTFont, newTable  # type: ignore[import-untyped]

SOURCE = Path("/usr/share/fonts/opentype/noto")
WANTED_FACE = "Noto Sans CJK SC"
SIGNS = "²³·—…‘’“”–−°℃㎡×÷≤≥±→←↑↓★☆■□●○▲△▼▽◆◇©®①②③④⑤⑥⑦⑧⑨⑩〓"
BEYOND_GB2312 = (
    "玥垚喆堃昇珺瑄晞頔翀婳媄淏湉璟煊祎赟铄铖镕靓鋆璐琬玹琀珈珣珩琇瑀瑗璠璨璩瓒昉昕昀晗晟晔暄暻曈煜熠燊炘焱燚"
    "湜淼沄沅泂洺浛渼湦滢潆澍濛灏犇嬿婵嫄妤姮姝妧妍媛嫣怡恺悰惇慜懿仝偲僖儇佺伲俪偀叡哿喻嘤囡圳坻埇垵埗塬墕峁崤嵊嵝"
    "峪岘崮峣屺崟崾巘庹廙弢彧徛忞旻昃枥栒桁桄桉桢梓棽棻楙榕榉樾橦橞橼檬欤毓沣沨浐淯滏漷潏潞澧灞炅烜烨焓煐熙燏爔玎玢"
    "珂珅珉珑珞珧珮琛琦琨琮琰瑜瑢瑭瑷璇璎璞甯畯皓皞矞砦碶磘祐祜禛秬穑笪笠筜箐筠筱箬篁纁绂绚绡绮缦翊翙翚翯耔芃芊芮苒苡苪茀茜茗荃荔荞"
    "荥莒莞莨菀菁菡萩葳蒗蓁蓓蓥蔚蔺蕙蕤蕴薇藟藴蘅虢訚谡赉跞辂迮逯遹邗邙邛邡邰邳邴郃郗郜郝郢郦郧郯鄀鄂鄄鄌鄞鄢鄯酂酉钰铂铉铎铧铨铭铼锜锟锴锳锽"
    "镆镡镱镳闫阊阌阒陉陲隗隽雎霁霄霈霏霖霭靖韫韬颀颋颖飏馀馗馥骁骊骐骕骞髙魏鲲鸣鸾鹄鹓麓麒麟黉黻龑龢䶮㙍㙘㛃㛹㭎㳘㸆"
)


def characters() -> str:
    """Every character that the subset keeps."""
    kept = (
        {chr(code) for code in (*range(0x20, 0x7F), *range(0xA1, 0x100))}
        | set(SIGNS + "€")
        | set(BEYOND_GB2312)
    )
    for high in range(0xA1, 0xF8):
        kept.update(bytes([high, low]).decode("gb2312", "ignore") for low in range(0xA1, 0xFF))
    return "".join(sorted(kept - {""}))


def subset(collection: Path) -> TTFont:
    """The simplified-Chinese face of the collection, cut down to `characters()`."""
    faces = TTCollection(str(collection)).fonts
    number = next(i for i, face in enumerate(faces) if face["name"].getDebugName(1) == WANTED_FACE)
    font = TTFont(str(collection), fontNumber=number, recalcTimestamp=False)
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = True
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "DSIG"]
    cutter = Subsetter(options)
    cutter.populate(text=characters())
    cutter.subset(font)
    return font


def to_truetype(font: TTFont) -> None:
    """Replace the CFF outlines by quadratic ones, within one unit of the em's thousand."""
    order, glyphs, outlines = font.getGlyphOrder(), font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        outlines[name] = pen.glyph()
    table = font["glyf"] = newTable("glyf")
    table.glyphs, table.glyphOrder = outlines, order
    font["loca"] = newTable("loca")
    for name in order:
        outlines[name].recalcBounds(table)
        width, _ = font["hmtx"][name]
        font["hmtx"][name] = (width, getattr(outlines[name], "xMin", 0))
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    for key in ("Twilight Points", "Storage", "Function Defs", "Instruction Defs", "Stack Elements"):
        setattr(limits, "max" + key.replace(" ", ""), 0)
    limits.maxZones, limits.maxSizeOfInstructions, limits.maxComponentElements = 1, 0, 0
    font["post"].formatType = 3.0
    del font["CFF "]
    font.sfntVersion = "\0\1\0\0"


def main(source: Path = SOURCE) -> None:
    target = Path(__file__).parent / "fonts"
    for weight in ("Regular", "Bold"):
        font = subset(source / f"NotoSansCJK-{weight}.ttc")
        to_truetype(font)
        font.save(target / f"gridmap-sans-{weight.lower()}.ttf")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
