#!/usr/bin/env python3
"""Holds the tree against ARCHITECTURE.md and STYLE.md: `python3 tests/tidy/tidy.py [ROOT]`.

Prints one line per finding and exits with 1 when there is any. Needs nothing but Python 3.
"""

import sys

import documents
import rooms
import text
from tree import Tree


def check(root):
    tree = Tree(root)
    findings = rooms.check(tree) + text.check(tree) + documents.check(tree)
    return sorted(findings, key=lambda f: (f.path, f.line, f.text)), len(tree.files)


def main(arguments):
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    findings, files = check(arguments[0] if arguments else ".")
    for finding in findings:
        print(finding)
    print(f"tidy: {files} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
