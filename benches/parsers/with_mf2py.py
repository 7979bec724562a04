"""Prints how many milliseconds mf2py takes for a page: FILE ROUNDS PARSES."""

import sys
import time

import mf2py

file, rounds, parses = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(file, encoding="utf-8") as page:
    html = page.read()
best = float("inf")
for _ in range(rounds):
    start = time.perf_counter()
    for _ in range(parses):
        mf2py.parse(doc=html, url="https://blog.example/post")
    best = min(best, (time.perf_counter() - start) * 1000 / parses)
print(best)
