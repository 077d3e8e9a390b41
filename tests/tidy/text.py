"""The text of each file: the banned list of STYLE.md, the walls, and layout beyond clang-format."""

import re

from tree import Finding

STYLE = "STYLE.md"
COLUMNS_MAX = 110
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
REASON = "tidy: long because "
_LEFTOVER = re.compile(r"\b(" + "TO" "DO|FIX" "ME|XX" r"X)\b")
_HEADER = "| pattern | looked for in | allowed in | why | instead |"


class Ban:
    """One row of the banned list: a regular expression over code without its comments and literals."""

    def __init__(self, cells):
        self.pattern = re.compile(cells[0].strip("`"))
        self.places = [c.strip(" `") for c in cells[1].split(",")]
        self.allowed = [] if cells[2] == "-" else [c.strip(" `") for c in cells[2].split(",")]
        self.why, self.instead = cells[3], cells[4]

    def applies_to(self, path):
        def covered(places):
            return any(_covers(place, path) for place in places)

        return covered(self.places) and not covered(self.allowed)


def _covers(place, path):
    if place.startswith("*"):
        return path.endswith(place[1:])
    return path == place or path.startswith(place + "/")


def read_bans(tree):
    bans, lines = [], tree.get(STYLE).lines
    start = lines.index(_HEADER) + 2 if _HEADER in lines else len(lines)
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        cells = [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        bans.append(Ban(cells))
    return bans


def check(tree):
    bans = read_bans(tree) if tree.get(STYLE) else []
    findings = [] if bans else [Finding(STYLE, 0, "the banned list is missing")]
    for file in tree:
        findings += _check_layout(file)
        if file.is_cxx:
            findings += _check_bans(file, bans)
            findings += _check_walls(file)
    return findings


def _check_layout(file):
    findings = []
    if file.raw and not file.raw.endswith(b"\n"):
        findings.append(Finding(file.path, len(file.lines), "no newline at the end of the file"))
    for number, line in enumerate(file.lines, 1):
        if number in file.raw_string_lines:
            continue
        if "\t" in line and file.name != "Makefile":
            findings.append(Finding(file.path, number, "tab"))
        if line != line.rstrip():
            findings.append(Finding(file.path, number, "blank at the end of the line"))
        if not file.is_program_text:
            continue
        if len(line) > COLUMNS_MAX and "://" not in line:
            findings.append(Finding(file.path, number, f"{len(line)} columns, past {COLUMNS_MAX}"))
        if _LEFTOVER.search(line):
            findings.append(Finding(file.path, number, "work left over (do it, or open an issue)"))
    return findings


def _check_bans(file, bans):
    findings = []
    for ban in bans:
        if ban.applies_to(file.path):
            for found in ban.pattern.finditer(file.code):
                line = file.code.count("\n", 0, found.start()) + 1
                findings.append(Finding(file.path, line, f"'{found.group(0).strip()}': {ban.why}; "
                                        f"instead: {ban.instead}"))
    return findings


def _check_walls(file):
    findings = []
    if len(file.lines) > FILE_LINES_MAX and REASON not in file.lines[0]:
        findings.append(Finding(file.path, FILE_LINES_MAX + 1, f"{len(file.lines)} lines, past "
                                f"{FILE_LINES_MAX} (split it, or begin it with `// {REASON}...`)"))
    for first, last in functions(file.code):
        if last - first + 1 > FUNCTION_LINES_MAX and not _reason_before(file.lines, first):
            findings.append(Finding(file.path, first, f"a function of {last - first + 1} lines, past "
                                    f"{FUNCTION_LINES_MAX} (split it, or say `// {REASON}...` before it)"))
    return findings


def _reason_before(lines, first):
    """Whether the comment that ends right before line `first` gives a reason."""
    for line in reversed(lines[:first - 1]):
        if not line.lstrip().startswith("//"):
            return False
        if REASON in line:
            return True
    return False


# A declaration that holds others; `struct tm F() {` ends its parameter list and is a function.
_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b(?![^{]*\)\s*(const|noexcept)?\s*$)")
_ACCESS = re.compile(r"^\s*(public|protected|private)\s*:")
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M)


def functions(code):
    """(first line, last line) of each function body outside other functions, its signature included.

    A heuristic over braces: a block is a function when it stands in a namespace or a class, outside
    parentheses, and what stands before it ends a parameter list. A block that a constructor's initialisers
    open is part of the constructor.
    """
    code = _DIRECTIVE.sub(lambda found: re.sub(r"[^\n]", " ", found.group(0)), code)
    found, stack, head, parens, previous = [], [], 0, 0, None
    for token in re.finditer(r"[(){};]", code):
        at, sign = token.start(), token.group(0)
        inside = any(kind == "function" for kind, _, _ in stack)
        if sign in "()":
            parens += 1 if sign == "(" else -1
            continue
        if sign == "{":
            before = _ACCESS.sub(lambda access: " " * len(access.group(0)), code[head:at])
            kind, start = "other", head + len(before) - len(before.lstrip())
            if not inside and parens == 0:
                if previous is not None and re.match(r"\s*(,|$)", before):
                    kind, start = "function", previous  # a constructor goes on after a braced initialiser
                elif _SCOPE.search(before):
                    kind = "scope"
                elif ")" in before and not re.search(r"=\s*$", before):
                    kind = "function"
            stack.append((kind, start, parens))
            parens = 0
        elif sign == "}" and stack:
            kind, start, parens = stack.pop()
            previous = start if kind == "function" else None
            if kind == "function":
                lines = code.count("\n", 0, start) + 1, code.count("\n", 0, at) + 1
                if found and found[-1][0] == lines[0]:
                    found.pop()
                found.append(lines)
        else:
            previous = None
        if parens == 0:
            head = at + 1
    return found
