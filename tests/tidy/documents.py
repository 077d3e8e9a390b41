"""The documents: links that lead somewhere, and the two READMEs telling the same story."""

import posixpath
import re

from tree import Finding

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def check(tree):
    findings = []
    for file in tree:
        if file.suffix == ".md":
            findings += _check_links(tree, file)
    return findings + _check_readmes(tree)


def prose(file):
    """(line number, line) outside fenced code."""
    fenced = False
    for number, line in enumerate(file.lines, 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def _check_links(tree, file):
    findings = []
    for number, line in prose(file):
        for target in _LINK.findall(re.sub(r"`[^`]*`", "", line)):
            path = target.partition("#")[0]
            if not path or re.match(r"[a-z]+:", path):
                continue
            place = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), path))
            if place.startswith("..") or not (tree.root / place).exists():
                findings.append(Finding(file.path, number, f"the link to '{target}' leads nowhere"))
    return findings


def _check_readmes(tree):
    sections = []
    for path in ("README.md", "README.zh-CN.md"):
        readme = tree.get(path)
        if not readme:
            return [Finding(path, 0, "missing")]
        titles = [line for _, line in prose(readme) if re.match("#+ ", line)]
        sections.append([len(title) - len(title.lstrip("#")) for title in titles])
    if sections[0] != sections[1]:
        return [Finding("README.zh-CN.md", 0, f"{len(sections[1])} sections where README.md has "
                        f"{len(sections[0])}, or nested otherwise: the two tell the same story")]
    return []
