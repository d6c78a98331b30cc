#!/usr/bin/env python3
"""The page of conformance results in headless Chromium: results that are made up here, and what somebody does with the page: sorts, filters, opens cases, hands on
an address. The last line is 'N passed, N failed'.
"""

import json
import pathlib
import re
import sys
import tempfile

from chromium import Browser, PageError
from comparison import ROOT, run_all

sys.path.insert(0, str(ROOT / "conformance"))
import page  # noqa: E402

COLUMNS = ["off", "lazy", "eager"]
# What is in the first cells of the rows that are shown: suite:case.
SHOWN = "[...document.querySelectorAll('tr.case')].map(r => r.cells[1].textContent + ':' + r.cells[2].textContent)"
COUNT = "document.getElementById('shown').textContent"
# Text that would be taken for HTML, or would end the script that holds the results.
NASTY = "</script><img src=x onerror='document.title=1'><!-- <script>"


def run(verdict, reason="", log="", seconds=0.1):
    return {"verdict": verdict, "reason": reason, "seconds": seconds, "log": log}


def entry(area, suite, case, reference, *runs, groups=(), **more):
    return {"area": area, "suite": suite, "groups": list(groups), "case": case, "reference": reference, "runs": dict(zip(COLUMNS, runs)), **more}


def results(cases):
    return {"format": 1, "otp": "25", "vm": "a VM", "reference": "another VM", "columns": COLUMNS, "cases": cases}


def small():
    ok = run("pass")
    same = "a line that both have\nprocess <0.81.0> began\n"
    return results([
        entry("emulator", "b_SUITE", "right", ok, ok, ok, ok),
        entry("emulator", "b_SUITE", "wrong", run("pass", log=same), run("fail", "{badmatch,7}", same.replace("81", "99") + "seven\n", 3.5), ok, ok, groups=["outer", "inner"]),
        entry("stdlib", "a_SUITE", "ends", ok, ok, run("crash", "signal SIGSEGV", "log of ends"), run("timeout", "no end after 120 s", seconds=120.0)),
        entry("stdlib", "a_SUITE", "nasty", ok, run("fail", NASTY, NASTY), ok, ok),
        entry("stdlib", "a_SUITE", "both", run("fail", "there, too"), run("fail", "here"), run("fail", "here"), run("fail", "here")),
        entry("stdlib", "a_SUITE", "better", run("fail", "there alone"), ok, ok, ok),
        entry("stdlib", "c_SUITE", "swings", ok, ok, run("unsteady", "fail at first, then pass: late"), ok),
        entry("stdlib", "c_SUITE", "left_out", ok, run("fail", "no"), run("fail", "no"), run("fail", "no"), skip="allocators of OTP"),
    ])


def large(count):
    ok = run("pass")
    return results([entry("emulator", f"s{i % 97}_SUITE", f"case_{i}", ok, ok, ok if i % 10 else run("fail", f"reason {i}", "log\n" * 50), ok) for i in range(count)])


class Page:
    """A page that is open: what is on it, and what is done with it."""

    def __init__(self, browser, folder):
        self.browser, self.folder = browser, folder

    def open(self, made, address=""):
        path = self.folder / "page.html"
        page.write(made, path)
        self.browser.open(f"{path.as_uri()}{address}")

    def cases(self):
        return [name.split(":")[1] for name in self.browser.value(SHOWN)]

    def search(self, text):
        self.browser.value("document.getElementById('text').select()")
        self.browser.click("#text")
        self.browser.value("document.getElementById('text').select()")
        self.browser.type(text)
        self.browser.value("new Promise(done => setTimeout(done, 150))")

    def choose(self, select, value):
        self.browser.value(f"(() => {{ const e = document.getElementById('{select}'); e.value = '{value}'; e.dispatchEvent(new Event('change')); }})()")

    def text(self, selector):
        return self.browser.value(f"document.querySelector({json.dumps(selector)})?.innerText ?? null")


def same(expected, actual):
    if expected != actual:
        raise PageError(f"expected {expected!r}, is {actual!r}")


def sums_of_columns(p):
    p.open(small())
    same("Conformance: OTP 25", p.text("h1"))
    same("a VM, beside another VM", p.text("#about"))
    same("8 cases", p.browser.value(COUNT))
    same(["off", "3 of 5 that pass on the reference (60.0 %)", "", "lazy", "4 of 5 that pass on the reference (80.0 %)", "", "eager", "4 of 5 that pass on the reference (80.0 %)", ""],
         p.browser.value("[...document.getElementById('engines').children].map(e => e.innerText)"))
    same("4 pass, 1 unsteady, 2 fail, 1 crash",
         p.browser.value("document.querySelectorAll('.bar')[1].getAttribute('aria-label')"))


def order(p):
    p.open(small())
    listed = p.cases()
    p.browser.click("th[data-key=case] button")
    same(sorted(listed), p.cases())
    same("ascending", p.browser.value("document.querySelector('th[data-key=case]').getAttribute('aria-sort')"))
    p.browser.click("th[data-key=case] button")
    same(sorted(listed)[::-1], p.cases())
    p.browser.click("th[data-key=case] button")
    same(listed, p.cases())
    p.browser.click("th[data-key=seconds] button")
    same(["ends", "outer/inner/wrong"], p.cases()[:2])
    p.browser.click("th[data-key=eager] button")
    same(["ends", "better"], p.cases()[:2])
    p.browser.click("th[data-key=suite] button")
    same(["a_SUITE", "c_SUITE"], [p.browser.value(SHOWN)[i].split(":")[0] for i in (0, -1)])


def choice(p):
    p.open(small())
    p.search("A_suite  BOTH")
    same(["both"], p.cases())
    same("1 of 8 cases", p.browser.value(COUNT))
    p.search("sigsegv")  # of a reason
    same(["ends"], p.cases())
    p.search("no such text")
    same([], p.cases())
    same(True, p.browser.value("document.getElementById('none').checkVisibility()"))
    p.search("")
    p.choose("area", "emulator")
    same(["right", "outer/inner/wrong"], p.cases())
    p.choose("area", "")
    p.choose("verdict", "crash")
    same(["ends"], p.cases())
    p.choose("column", "eager")
    same([], p.cases())
    p.choose("verdict", "timeout")
    same(["ends"], p.cases())
    p.choose("column", "reference")
    p.choose("verdict", "fail")
    same(["both", "better"], p.cases())


def differences(p):
    p.open(small())
    p.browser.click("#differences")
    same(["outer/inner/wrong", "ends", "nasty", "better", "left_out"], p.cases())
    p.choose("column", "eager")
    same(["ends", "better", "left_out"], p.cases())
    same(["off", "lazy"], p.browser.value("[...document.querySelectorAll('.better')].length === 3 ? ['off', 'lazy'] : null"))


def details(p):
    p.open(small())
    row = "tr.case:nth-child(2)"
    p.browser.click(f"{row} button")
    told = p.text("tr.details")
    for part in ("off: fail", "{badmatch,7}", "difference to the reference", "log", "seven"):
        if part not in told:
            raise PageError(f"{part!r} is not in {told!r}")
    # Numbers of processes are no difference.
    same(["-pass", "+fail", "+{badmatch,7}", "+seven"], p.browser.value("[...document.querySelectorAll('.plus, .minus')].map(l => l.innerText).filter(t => !/^(\\+\\+\\+|---)/.test(t) && t.trim().length > 1)"))
    same("true", p.browser.value(f"document.querySelector('{row} button').getAttribute('aria-expanded')"))
    p.browser.click(f"{row} button")
    same(None, p.text("tr.details"))
    p.browser.value(f"document.querySelector('{row} button').focus()")
    p.browser.enter()
    same(True, p.text("tr.details") is not None)
    # It stays with its row when the order is another.
    p.browser.click("th[data-key=case] button")
    same("outer/inner/wrong", p.browser.value("document.querySelector('tr.details').previousSibling.cells[2].innerText"))


def skipped(p):
    p.open(small())
    p.browser.click("tr.case:nth-child(8) button")
    same(True, "allocators of OTP" in p.text("tr.details"))
    same(0, p.browser.value("document.querySelectorAll('tr.case:nth-child(8) .worse').length"))


def nasty_text(p):
    p.open(small())
    p.search("onerror")
    same(["nasty"], p.cases())
    p.browser.click("tr.case button")
    same(True, NASTY in p.text("tr.details"))
    same("Conformance: OTP 25", p.browser.value("document.title"))
    same(0, p.browser.value("document.images.length"))


def address(p):
    p.open(small())
    p.browser.click("#differences")
    p.search("a_SUITE")
    p.browser.click("th[data-key=case] button")
    p.browser.click("tr.case:last-child button")
    handed_on = p.browser.value("location.hash")
    expected = p.browser.value("document.getElementById('rows').innerText")
    p.open(small(), handed_on)
    same(expected, p.browser.value("document.getElementById('rows').innerText"))
    same(["better", "ends", "nasty"], p.cases())
    same("a_SUITE", p.browser.value("document.getElementById('text').value"))


def light_and_dark(p):
    p.open(small())
    for scheme in ("light", "dark"):
        p.browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for selector in ("body", ".pass", ".fail", ".crash", ".timeout", ".unsteady", ".skip", "th", "header p"):
            colors = p.browser.value(f"[getComputedStyle(document.querySelector('{selector}')).color, getComputedStyle(document.body).backgroundColor]")
            if contrast(*colors) < 4.5:
                raise PageError(f"{selector} in {scheme}: {colors} are too near")
    p.browser.send("Emulation.setEmulatedMedia", features=[])


def contrast(first, second):
    """As the Web's guide-lines for reading have it."""
    def luminance(color):
        parts = [int(n) / 255 for n in re.findall(r"\d+", color)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def thousands(p):
    p.open(large(6000))
    same("6000 cases", p.browser.value(COUNT))
    p.browser.click("#differences")
    same("600 of 6000 cases", p.browser.value(COUNT))
    p.browser.click("#differences")
    # Everything anew, laid out: a tenth of this on a machine that has nothing else to do.
    took = p.browser.value("(() => { const t = performance.now(); view.sort = '-lazy'; changed(); document.body.offsetHeight; return performance.now() - t; })()")
    if took > 5000:
        raise PageError(f"to sort 6000 rows took {took:.0f} ms")


def narrow(p):
    p.open(small())
    p.browser.send("Emulation.setDeviceMetricsOverride", width=380, height=700, deviceScaleFactor=1, mobile=True)
    wide = p.browser.value("document.documentElement.scrollWidth")
    p.browser.send("Emulation.clearDeviceMetricsOverride")
    if wide > 400:
        raise PageError(f"a page for 380 pixels is {wide} wide")


def main():
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        shown = Page(browser, pathlib.Path(folder))

        def test(check):
            browser.errors.clear()
            try:
                check(shown)
            except PageError as why:
                return str(why)
            return "\n".join(browser.errors) or None
        checks = [sums_of_columns, order, choice, differences, details, skipped, nasty_text, address, light_and_dark, thousands, narrow]
        return run_all([(check.__name__, test, check) for check in checks], workers=1)


if __name__ == "__main__":
    sys.exit(main())
