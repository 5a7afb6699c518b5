"""Median seconds of pages, asked for over HTTP by someone signed in. Usage: python -m bench.pages PORT"""

from __future__ import annotations

import http.cookiejar
import json
import re
import statistics
import sys
import time
import urllib.parse
import urllib.request

from bench.company import PASSWORD, READER

PAGES = {"inbox page": "/inbox/service", "customer page": "/customers/500"}
TIMES = 15


def main() -> None:
    """Sign in, ask for each page some times, print the medians as JSON."""
    root = f"http://localhost:{sys.argv[1]}"
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = opener.open(f"{root}/sign-in").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token is not None
    data = {"csrfmiddlewaretoken": token[1], "name": READER, "password": PASSWORD}
    request = urllib.request.Request(f"{root}/sign-in", urllib.parse.urlencode(data).encode())
    request.add_header("Referer", f"{root}/sign-in")
    opener.open(request)
    medians = {}
    for name, path in PAGES.items():
        took = []
        for _ in range(TIMES):
            start = time.perf_counter()
            answer = opener.open(root + path)
            text = answer.read()
            took.append(time.perf_counter() - start)
            if "/sign-in" in answer.url or len(text) < 2000:
                raise RuntimeError(f"{path}: {answer.url}, {len(text)} bytes")
        medians[name] = statistics.median(took)
    print(json.dumps(medians))


if __name__ == "__main__":
    main()
