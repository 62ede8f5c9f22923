"""Typed descriptions become their character: ligatures in a ``GSUB`` table that stays as it is otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fontTools.otlLib.builder import buildLigatureSubstSubtable
from fontTools.otlLib.maxContextCalc import maxCtxFont
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables import otTables

__all__ = ["add_ligatures"]

FEATURES = ("ccmp", "liga")
"""``ccmp`` stays on where letters are spaced, ``liga`` is for older programs."""

_SCRIPTS = ("DFLT", "hani", "kana", "latn")


def add_ligatures(font: TTFont, ligatures: Mapping[tuple[str, ...], str]) -> None:
    """Let sequences of glyphs turn into one, in every script and language of the font.

    Args:
        font: changed in place.
        ligatures: glyph names of two or more parts each, to the glyph's name.
    """
    if not ligatures:
        return
    if "GSUB" not in font:
        font["GSUB"] = _empty()
    table = font["GSUB"].table
    place = len(table.LookupList.Lookup)
    table.LookupList.Lookup.append(_lookup(ligatures))
    table.LookupList.LookupCount = place + 1
    for tag in FEATURES:
        _switch_on(table, tag, place)
    _sort_features(table)
    if "OS/2" in font and font["OS/2"].version >= 2:
        font["OS/2"].usMaxContext = maxCtxFont(font)


def _empty() -> Any:
    table = newTable("GSUB")
    table.table = otTables.GSUB()
    table.table.Version = 0x00010000
    table.table.ScriptList = otTables.ScriptList()
    table.table.ScriptList.ScriptRecord = []
    for tag in _SCRIPTS:
        record = otTables.ScriptRecord()
        record.ScriptTag, record.Script = tag, otTables.Script()
        record.Script.LangSysRecord, record.Script.LangSysCount = [], 0
        record.Script.DefaultLangSys = _language()
        table.table.ScriptList.ScriptRecord.append(record)
    table.table.FeatureList = otTables.FeatureList()
    table.table.FeatureList.FeatureRecord = []
    table.table.LookupList = otTables.LookupList()
    table.table.LookupList.Lookup = []
    return table


def _language() -> Any:
    language = otTables.DefaultLangSys()
    language.LookupOrder, language.ReqFeatureIndex = None, 0xFFFF
    language.FeatureIndex, language.FeatureCount = [], 0
    return language


def _lookup(ligatures: Mapping[tuple[str, ...], str]) -> Any:
    lookup = otTables.Lookup()
    lookup.LookupType, lookup.LookupFlag = 4, 0
    lookup.SubTable = [buildLigatureSubstSubtable(dict(ligatures))]
    lookup.SubTableCount = 1
    return lookup


def _switch_on(table: Any, tag: str, lookup: int) -> None:
    """Add the lookup to a feature in every language, or the feature where a language has none of that name."""
    records = table.FeatureList.FeatureRecord
    made: int | None = None
    for language in _languages(table):
        own = [k for k in language.FeatureIndex if records[k].FeatureTag == tag]
        if not own:
            if made is None:
                made = len(records)
                records.append(_feature(tag))
            language.FeatureIndex.append(made)
            own = [made]
        for k in own:
            feature = records[k].Feature
            if lookup not in feature.LookupListIndex:
                feature.LookupListIndex.append(lookup)
                feature.LookupCount = len(feature.LookupListIndex)
        language.FeatureCount = len(language.FeatureIndex)
    table.FeatureList.FeatureCount = len(records)


def _feature(tag: str) -> Any:
    record = otTables.FeatureRecord()
    record.FeatureTag, record.Feature = tag, otTables.Feature()
    record.Feature.FeatureParams, record.Feature.LookupListIndex, record.Feature.LookupCount = None, [], 0
    return record


def _languages(table: Any) -> list[Any]:
    found = []
    for record in table.ScriptList.ScriptRecord:
        script = record.Script
        if script.DefaultLangSys is None and not script.LangSysRecord:
            script.DefaultLangSys = _language()
        found += [script.DefaultLangSys] if script.DefaultLangSys is not None else []
        found += [language.LangSys for language in script.LangSysRecord]
    return found


def _sort_features(table: Any) -> None:
    """Features stand in alphabetical order, as the format asks for, and whoever counts them counts anew."""
    records = table.FeatureList.FeatureRecord
    order = sorted(range(len(records)), key=lambda k: records[k].FeatureTag)
    place = {old: new for new, old in enumerate(order)}
    table.FeatureList.FeatureRecord = [records[k] for k in order]
    for language in _languages(table):
        language.FeatureIndex = sorted(place[k] for k in language.FeatureIndex)
        if language.ReqFeatureIndex != 0xFFFF:
            language.ReqFeatureIndex = place[language.ReqFeatureIndex]
    if table.Version >= 0x00010001 and table.FeatureVariations is not None:
        for variation in table.FeatureVariations.FeatureVariationRecord:
            for swap in variation.FeatureTableSubstitution.SubstitutionRecord:
                swap.FeatureIndex = place[swap.FeatureIndex]
