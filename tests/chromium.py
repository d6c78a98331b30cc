"""Headless Chromium for tests of pages, by its DevTools protocol over a pair of pipes: nothing but the browser is needed."""

import json
import os
import shutil
import subprocess
import tempfile


class PageError(Exception):
    """What a page's script has thrown, or what the browser refused."""


class Browser:
    """One page; a context, at whose end the browser and its profile are gone."""

    def __init__(self, width=1200, height=800):
        program = shutil.which("chromium") or shutil.which("google-chrome")
        if program is None:
            raise PageError("there is no chromium (tools/setup.sh installs it)")
        self.profile = tempfile.TemporaryDirectory(prefix="chromium", ignore_cleanup_errors=True)
        self.errors, self.sent = [], 0
        their_in, self.write_end = os.pipe()
        self.read_end, their_out = os.pipe()
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe", f"--window-size={width},{height}",
                   f"--user-data-dir={self.profile.name}", "--no-first-run", "--disable-background-networking", "about:blank"]

        def place():  # the browser reads descriptor 3 and writes descriptor 4, whatever has these numbers here
            from_us, to_us = os.dup(their_in), os.dup(their_out)
            high_in, high_out = os.dup2(from_us, 60), os.dup2(to_us, 61)
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=place)
        os.close(their_in)
        os.close(their_out)
        self.messages = os.fdopen(self.read_end, "rb", buffering=0)
        self.rest = b""
        target = next(t for t in self.send("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.send(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.write_end)
        try:
            self.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.messages.close()
        self.profile.cleanup()

    def receive(self):
        while b"\0" not in self.rest:
            piece = self.messages.read(1 << 20)
            if not piece:
                raise PageError("the browser has ended")
            self.rest += piece
        message, _, self.rest = self.rest.partition(b"\0")
        message = json.loads(message)
        if message.get("method") == "Runtime.exceptionThrown":
            details = message["params"]["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        if message.get("method") == "Network.requestWillBeSent" and not message["params"]["request"]["url"].startswith("file:"):
            self.errors.append(f"asks for {message['params']['request']['url']}")
        return message

    def send(self, method, **params):
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": params}
        if not method.startswith("Target."):
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_end, data):]
        while True:
            answer = self.receive()
            if answer.get("id") == self.sent:
                if "error" in answer:
                    raise PageError(answer["error"]["message"])
                return answer["result"]

    def open(self, url):
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=url)
        while self.value("document.readyState") != "complete":
            pass

    def value(self, expression):
        """Of JavaScript; a promise is waited for."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def click(self, selector):
        """With the mouse, where the element is."""
        box = self.value(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}}); const r = e.getBoundingClientRect();"
                         "return [r.x + Math.min(r.width / 2, 20), r.y + r.height / 2]; })()")
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def type(self, text):
        self.send("Input.insertText", text=text)

    def enter(self):
        """The key, where the focus is."""
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r" if kind == "keyDown" else "")
