"""Make docs/screenshot.png: the demonstration's first scenario, as a finance director sees it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1280, "height": 1000}


def address_of(server: "subprocess.Popen[str]") -> str:
    """Return the address that the server prints when it is ready."""
    for line in server.stdout or ():
        found = re.search(r"http://\S+", line)
        if found:
            return found.group()
    sys.exit("the server did not start")


def take(address: str, browser: str, target: Path) -> None:
    """Sign in and photograph the scenario."""
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(executable_path=browser, args=arguments)
        page = engine.new_page(viewport=SIZE, locale="da-DK")
        page.goto(f"{address}/login")
        page.fill("[name=email]", "okonomi@nordby.example")
        page.fill("[name=password]", "bundlinje-demo")
        page.click("main button[type=submit]")
        page.goto(f"{address}/scenarios/1")
        page.wait_for_selector("[data-chart] svg")
        page.screenshot(path=target)
        engine.close()


def main() -> None:
    """Serve the demonstration from a folder that is thrown away, and take the picture."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("no Chromium is installed: `python3 dev.py test` installs it")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "planner.cli", "run", "--port", "0", "--data", folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE.parent)
        try:
            take(address_of(server), browser, HERE / "screenshot.png")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
