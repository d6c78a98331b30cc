"""skip.toml: cases that cannot apply to a VM, each with its reason.

    [[skip]]
    cases = ["alloc_SUITE:coalesce"]         # or AREA/SUITE:CASE, where areas have suites of one name
    reason = "looks into OTP's own allocators"
    otp = ["25"]                             # of these releases only; without it, of all

They run all the same: one that passes has no business here.
"""

import tomllib

from suites import Broken


def read(path, otp):
    """{(area or "", suite, case): reason} of a release."""
    try:
        with open(path, "rb") as file:
            table = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as why:
        raise Broken(f"{path}: {why}")
    if table.keys() - {"skip"}:
        raise Broken(f"{path}: what is {sorted(table.keys() - {'skip'})[0]}? There are entries [[skip]]")
    found = {}
    for entry in table.get("skip", []):
        names, reason = entry.get("cases"), entry.get("reason")
        strange = entry.keys() - {"cases", "reason", "otp"}
        if strange:
            raise Broken(f"{path}: what is {sorted(strange)[0]}? An entry has cases, reason and otp")
        if not isinstance(names, list) or not names or not all(isinstance(n, str) and n.count(":") == 1 for n in names):
            raise Broken(f"{path}: an entry has no cases = [\"SUITE:CASE\", …]: {entry}")
        if not isinstance(reason, str) or not reason.strip():
            raise Broken(f"{path}: {names[0]}: has no reason")
        for name in names:
            suite, _, case = name.partition(":")
            area, _, suite = suite.rpartition("/")
            key = (area, suite, case)
            if key in found:
                raise Broken(f"{path}: {name}: is there twice")
            if otp in entry.get("otp", [otp]):
                found[key] = " ".join(reason.split())
    return found


def reason(skips, case):
    """Why the case cannot apply; None: it can."""
    return skips.get((case.area, case.suite, case.name)) or skips.get(("", case.suite, case.name))


def unknown(skips, suites, listed):
    """The first entry that names nothing: a suite that no area has, or a case that a suite which has been listed does not have. None if there is none."""
    every = {suite for area in suites.areas() for suite in suites.named(area)}
    for area, suite, case in skips:
        if suite not in every:
            return f"{suite}:{case}: no such suite"
        if not area and suite in listed and case not in listed[suite]:
            return f"{suite}:{case}: no such case"
    return None
