"""The explorer in a real browser: opens every example, drags, types, clicks, saves, reloads.

Runs with Playwright over an installed Chromium:

    python tests/browser/explore.py target/release/eqprop [FOLDER FOR SCREENSHOTS]

The stills of docs/explore.md are `two_neurons_not_symmetric`, `an_oscillator` and
`fitzhugh_nagumo` of that folder.
"""

import json
import math
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from playwright.sync_api import sync_playwright

BINARY = sys.argv[1]
SHOTS = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
checks = 0


def expect(condition, what):
    global checks
    checks += 1
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def gradient(text):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(text)
        file.flush()
        out = subprocess.run([BINARY, "gradient", file.name, "--json"], capture_output=True, text=True)
    return json.loads(out.stdout) if out.returncode == 0 else None


def angle(page):
    """The angle that the page shows now."""
    rows = page.locator("#numbers").inner_text().split("\n")
    for name, value in zip(rows, rows[1:]):
        if name.startswith("angle, EP"):
            return float(value.rstrip("°"))
    return None


def angle_becomes(page, said, what):
    """Waits until the page shows the angle that the command line says (none: `None`)."""
    for _ in range(200):
        shown = angle(page)
        if shown is None and said is None:
            break
        if shown is not None and said is not None and math.isclose(shown, said, rel_tol=2e-3, abs_tol=1e-6):
            break
        page.wait_for_timeout(50)
    else:
        expect(False, f"{what}: {shown} on the page, {said} on the command line")
    expect(True, what)


def until(page, selector, holds):
    """Waits until the text at `selector` is as wanted; the page's policy forbids evaluated scripts."""
    for _ in range(200):
        if holds(page.locator(selector).inner_text()):
            return
        page.wait_for_timeout(50)
    expect(False, f"{selector} says {page.locator(selector).inner_text()!r}")


def until_value(page, label, value):
    for _ in range(100):
        if page.get_by_label(label).input_value() == value:
            return
        page.wait_for_timeout(50)
    expect(False, f"{label} is {page.get_by_label(label).input_value()}, not {value}")


def end_of_trajectory(page):
    """Where the one fixed point of the first example lies on the screen."""
    box = page.locator("#plane").bounding_box()
    x, y = map(float, re.search(r"at (-?\d+\.\d+), (-?\d+\.\d+)", page.locator("#plane-text").inner_text()).groups())
    window = page.locator("#plane").get_attribute("data-window")
    x0, x1, y0, y1 = json.loads(window)
    left, right, top, bottom = 48, box["width"] - 8, 8, box["height"] - 34
    return (box["x"] + left + (x - x0) / (x1 - x0) * (right - left),
            box["y"] + bottom - (y - y0) / (y1 - y0) * (bottom - top))


def main():
    server = subprocess.Popen([BINARY, "explore", "--no-browser"], stdout=subprocess.PIPE, text=True)
    address = server.stdout.readline().strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        problems = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        begun = time.monotonic()
        page.goto(address)
        until(page, "#plane-text", lambda text: "Fixed points" in text)
        print(f"first picture after {time.monotonic() - begun:.2f} s")

        for k in range(page.locator("#example option").count()):
            page.locator("#example").select_option(index=k)
            said = gradient(page.locator("#editor").input_value())
            angle_becomes(page, said and said["angle_degrees"], f"example {k}")
            if SHOTS:
                # the full portrait comes a quarter of a second after the coarse one
                page.wait_for_timeout(2500)
                name = page.locator("#example option").nth(k).inner_text()
                page.screenshot(path=SHOTS / (re.sub(r"\W+", "_", name.lower()) + ".png"))

        page.locator("#example").select_option(index=0)
        text = page.locator("#editor").input_value()
        before = gradient(text)["angle_degrees"]
        angle_becomes(page, before, "the first example")
        # a dial by keyboard: without the antisymmetric part of W
        dial = page.get_by_label("asymmetry λ, exactly")
        dial.fill("0")
        dial.press("Enter")
        problem = json.loads(text)
        weights = problem["network"]["weights"]
        weights[0][1] = weights[1][0] = (weights[0][1] + weights[1][0]) / 2
        after = gradient(json.dumps(problem))["angle_degrees"]
        angle_becomes(page, after, "λ = 0")
        page.locator("#undo").click()
        angle_becomes(page, before, "undo")
        page.locator("#redo").click()
        angle_becomes(page, after, "redo")
        page.locator("#undo").click()

        # a slider under the hand: how long until the page shows what it moved to
        slider = page.get_by_label("weights[0][1]", exact=True)
        box = slider.bounding_box()
        delays = []
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        for step in range(50):
            begun = time.monotonic()
            with page.expect_response("**/api/portrait"):
                page.mouse.move(box["x"] + box["width"] * (0.3 + 0.008 * step), box["y"] + box["height"] / 2)
            delays.append(1e3 * (time.monotonic() - begun))
        page.mouse.up()
        delays.sort()
        print(f"drag to portrait: median {statistics.median(delays):.0f} ms, 95th {delays[47]:.0f} ms")
        said = gradient(page.locator("#editor").input_value())
        angle_becomes(page, said["angle_degrees"], "after a drag")

        # a click sets a start, the keyboard moves it
        page.locator("#plane").click(position={"x": 200, "y": 150})
        until(page, "#time-text", lambda text: "rests" in text)
        page.locator("#plane").press("ArrowLeft")

        # the end of the trajectory is dragged along its branch in β, and back by undo
        page.locator("#plane").scroll_into_view_if_needed()
        before = page.get_by_label("nudge β, exactly").input_value()
        page.locator("#example").select_option(index=0)
        until(page, "#time-text", lambda text: "rests" in text)
        page.wait_for_timeout(500)
        x, y = end_of_trajectory(page)
        page.mouse.move(x, y)
        with page.expect_response("**/api/branch"):
            page.mouse.down()
        page.wait_for_timeout(200)
        page.mouse.move(x + 15, y - 25, steps=5)
        page.mouse.up()
        page.wait_for_timeout(300)
        beta = float(page.get_by_label("nudge β, exactly").input_value())
        expect(beta != 0, f"dragging the end of the trajectory changes β from {before} to {beta}")
        page.locator("#undo").click()
        until_value(page, "nudge β, exactly", "0")

        # a mistake in the editor is told with its place, and mended
        text = page.locator("#editor").input_value()
        page.locator("#editor").fill(text.replace('"tanh"', '"tanhh"'))
        until(page, "#editor-message", lambda text: text != "")
        message = page.locator("#editor-message").inner_text()
        expect("tanh" in message and re.search(r"line \d+|network\.activation", message), message)
        page.locator("#editor").fill(text)
        until(page, "#editor-message", lambda text: text == "")

        # learning lowers the cost
        page.locator("#learn-gradient").click()
        until(page, "#curve-text", lambda text: "→" in text)
        first, last = re.findall(r"[\d.e-]+", page.locator("#curve-text").inner_text())[:2]
        expect(float(last) < float(first), "the gradient lowers the cost")

        # saved pictures and problems
        for format, start in [("pdf", b"%PDF"), ("svg", b"<svg"), ("png", b"\x89PNG"), ("json", b"{"), ("ode", b"")]:
            with page.expect_download() as download:
                page.locator("#save").select_option(format)
            saved = pathlib.Path(download.value.path()).read_bytes()
            expect(saved.startswith(start) and saved, f"saved {format}")
        # what was saved for XPPAUT is opened again, and rests where it did
        kept = angle(page)
        page.locator("#file").set_input_files(
            files=[{"name": "problem.ode", "mimeType": "text/plain", "buffer": saved}])
        until(page, "#about", lambda text: text.startswith("problem.ode"))
        until(page, "#time-text", lambda text: "rests" in text)
        expect('"field"' in page.locator("#editor").input_value(), f"an .ode file is opened ({kept})")
        expect("eqprop portrait problem.json" in page.locator("#commands").inner_text(), "the command line")

        # nothing overflows a narrow window; both themes
        for width in (900, 1500):
            page.set_viewport_size({"width": width, "height": 1000})
            page.wait_for_timeout(300)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            expect(wide <= 0, f"{width} px: {wide} px too wide")
            for theme in ("one", "other"):
                page.locator("#theme").click()
                if SHOTS:
                    page.screenshot(path=SHOTS / f"{width}-{theme}.png", full_page=True)
        unnamed = page.evaluate(
            "[...document.querySelectorAll('input,select,textarea,button')]"
            ".filter(e => !e.labels?.length && !e.ariaLabel && !e.textContent.trim()).map(e => e.outerHTML)")
        expect(not unnamed, f"controls without a name: {unnamed}")

        page.reload()
        until(page, "#plane-text", lambda text: "Fixed points" in text)
        expect("token" not in page.url, "the token leaves the address bar")
        own = address.split("/?")[0]
        foreign = [url for url in requests if not url.startswith((own, "blob:", "data:"))]
        expect(not foreign, f"nothing is loaded from elsewhere: {foreign}")
        # the oscillator's typed refusal is an answer, which the browser logs as an error of its own
        problems = [text for text in problems if "422" not in text]
        expect(not problems, f"no errors in the console: {problems}")
        refused = urllib.request.Request(own + "/", headers={"Host": "evil.example"})
        try:
            urllib.request.urlopen(refused)
            expect(False, "a foreign host is refused")
        except urllib.error.HTTPError as error:
            expect(error.code == 403, "a foreign host is refused")
        browser.close()
    begun = time.monotonic()
    expect(server.wait(timeout=30) == 0, "it ends by itself when the last tab has been closed")
    expect(time.monotonic() - begun > 5, "but not before a reload would have come back")
    print(f"{checks} passed, 0 failed")


if __name__ == "__main__":
    main()
