"""The map: ARCHITECTURE.md's table of rooms against the folders, the includes and the CMake files."""

import re

from tree import Finding

MAP = "ARCHITECTURE.md"
SIGN_LINES_MAX = 12
_ROW = re.compile(r"^\| `(\w+)` \|.*\| ([^|]*) \|\s*$")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"')
_WORDS = re.compile(r"[^\s()]+")


def read_map(tree):
    """Room name -> (line in the map, names of the rooms it may include), in the order of the table."""
    rooms = {}
    for number, line in enumerate(tree.get(MAP).lines, 1):
        row = _ROW.match(line)
        if row:
            names = row.group(2).strip()
            rooms[row.group(1)] = (number, set() if names == "-" else set(re.split(r",\s*", names)))
    return rooms


def check(tree):
    if not tree.get(MAP):
        return [Finding(MAP, 0, "the table of rooms is missing")]
    rooms = read_map(tree)
    findings = _check_table(tree, rooms)
    for file in tree:
        if file.parts[0] == "src" and len(file.parts) > 2 and file.parts[1] in rooms:
            if file.is_cxx:
                findings += _check_includes(file, rooms)
            if file.name == "CMakeLists.txt":
                findings += _check_deps(file, rooms)
    return findings + _check_sources(tree)


def _check_table(tree, rooms):
    findings, earlier = [], set()
    for room, (line, may_include) in rooms.items():
        for other in sorted(may_include - earlier):
            findings.append(Finding(MAP, line, f"room '{room}' names '{other}', which no row above declares"))
        earlier.add(room)
        if not tree.has_folder(f"src/{room}"):
            findings.append(Finding(MAP, line, f"room '{room}' has no folder under src/ (remove the row)"))
            continue
        sign = tree.get(f"src/{room}/README.md")
        if not sign:
            findings.append(Finding(f"src/{room}", 0, f"room '{room}' has no door sign (README.md)"))
        elif len(sign.lines) > SIGN_LINES_MAX:
            findings.append(Finding(sign.path, SIGN_LINES_MAX + 1, "a door sign has at most "
                                    f"{SIGN_LINES_MAX} lines, this one {len(sign.lines)}"))
    folders = {file.parts[1] for file in tree if file.parts[0] == "src" and len(file.parts) > 2}
    for folder in sorted(folders - set(rooms)):
        findings.append(Finding(f"src/{folder}", 0, f"folder without a row in {MAP} (which room is this?)"))
    return findings


def _check_includes(file, rooms):
    findings, room = [], file.parts[1]
    for number, line in enumerate(file.code.split("\n"), 1):
        include = _INCLUDE.match(line)
        if not include:
            continue
        other, slash, _ = include.group(1).partition("/")
        if not slash:
            findings.append(Finding(file.path, number, f'"{other}" is included without its room '
                                    f'(write "{room}/{other}")'))
        elif other in rooms and other != room and other not in rooms[room][1]:
            findings.append(Finding(file.path, number, f"room '{room}' may not include '{other}' "
                                    "(declare an interface; see ARCHITECTURE, Rooms)"))
        elif other not in rooms:
            findings.append(Finding(file.path, number, f"'{other}' is not a room (outside libraries are "
                                    "included with <>)"))
    return findings


def _check_deps(file, rooms):
    """Each sluice_room(NAME ... DEPS a b) and sluice_program(...) links only what its row allows."""
    findings, room = [], file.parts[1]
    keywords = {"SOURCES", "TESTS", "ONE_THREAD_TESTS", "DEPS", "LIBS", "PRIVATE_LIBS", "TEST_LIBS"}
    text = re.sub(r"#[^\n]*", "", file.text)
    for call in re.finditer(r"sluice_(room|program)\(([^)]*)\)", text):
        words = [(w.group(0), call.start(2) + w.start()) for w in _WORDS.finditer(call.group(2))]
        if call.group(1) == "room" and words and words[0][0] != room:
            findings.append(Finding(file.path, text.count("\n", 0, words[0][1]) + 1,
                                    f"the target '{words[0][0]}' is not named after its room '{room}'"))
        keyword = None
        for word, at in words[1:]:
            keyword = word if word in keywords else keyword
            if word in rooms and keyword != "SOURCES" and word != room and word not in rooms[room][1]:
                findings.append(Finding(file.path, text.count("\n", 0, at) + 1, f"room '{room}' may not link "
                                        f"'{word}' (its row in {MAP} does not say so)"))
    return findings


def _check_sources(tree):
    """Every *.cc is named by the nearest CMakeLists.txt: a file that nothing builds is dead."""
    findings = []
    for file in tree:
        if file.suffix != ".cc" or file.parts[0] not in {"src", "tests", "bench"}:
            continue
        for depth in range(len(file.parts) - 1, 0, -1):
            lists = tree.get("/".join(file.parts[:depth]) + "/CMakeLists.txt")
            if lists:
                name = "/".join(file.parts[depth:])
                if name not in _WORDS.findall(re.sub(r"#[^\n]*", "", lists.text)):
                    findings.append(Finding(file.path, 0, "nothing builds this file "
                                            f"({lists.path} does not name it)"))
                break
        else:
            findings.append(Finding(file.path, 0, "nothing builds this file (no CMakeLists.txt above it)"))
    return findings
