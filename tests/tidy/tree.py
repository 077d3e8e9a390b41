"""The files of the project, and C++ text with its comments and literals blanked out."""

import pathlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property

CXX = {".cc", ".h"}
TEXT = CXX | {".py", ".md", ".cmake", ".txt", ".json", ".yaml", ".yml", ".sh"}
# Recorded bytes and foreign text: kept as they came, so no rule of layout holds for them.
RECORDED = {"corpus", "golden", "testdata", "data"}


@dataclass(frozen=True)
class Finding:
    path: str
    line: int  # 1-based; 0 when the finding is about the file as a whole
    text: str

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: error: {self.text}"


class File:
    """One text file. `path` is relative to the root of the tree, with forward slashes."""

    def __init__(self, root, path):
        self.path = path
        self.parts = path.split("/")
        self.name = self.parts[-1]
        self.suffix = pathlib.PurePosixPath(path).suffix
        self.raw = (root / path).read_bytes()

    @cached_property
    def text(self):
        return self.raw.decode("utf-8", errors="replace")

    @cached_property
    def lines(self):
        return self.text.split("\n")[:-1] if self.text.endswith("\n") else self.text.split("\n")

    @cached_property
    def code(self):
        """The text of a C++ file in its shape, with comments and literals turned into blanks."""
        return blank(self.text)

    @cached_property
    def raw_string_lines(self):
        """Numbers of the lines that a raw string touches: foreign text, which cannot be broken."""
        numbers = set()
        for found in _TOKEN.finditer(self.text) if self.is_cxx else ():
            if found.group("tag") is not None:
                first = self.text.count("\n", 0, found.start()) + 1
                numbers.update(range(first, first + found.group(0).count("\n") + 1))
        return numbers

    @property
    def is_cxx(self):
        return self.suffix in CXX

    @property
    def is_program_text(self):
        return self.is_cxx or self.suffix in {".py", ".cmake", ".sh"} or (
            self.name in {"CMakeLists.txt", "Makefile"} or self.raw.startswith(b"#!"))


class Tree:
    """Every text file below `root` that git tracks or would track; without git, every file outside build/."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = {}
        for path in sorted(self._paths()):
            place = self.root / path
            if not place.is_file() or place.is_symlink() or RECORDED & set(path.split("/")[:-1]):
                continue
            file = File(self.root, path)
            if file.suffix in TEXT or file.is_program_text:
                self.files[path] = file

    def _paths(self):
        if (self.root / ".git").exists() and shutil.which("git"):
            command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
            listed = subprocess.run(command, cwd=self.root, capture_output=True)
            if listed.returncode == 0:
                return {path for path in listed.stdout.decode().split("\0") if path}
        found = {p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file()}
        return {path for path in found if path.split("/")[0] != "build"}

    def __iter__(self):
        return iter(self.files.values())

    def get(self, path):
        return self.files.get(path)

    def has_folder(self, path):
        return any(p.startswith(path + "/") for p in self.files)


_TOKEN = re.compile(
    r"""^[ \t]*\#[ \t]*include[^\n]*       # stays as it is: the quotes name a file
      | //(?:[^\n\\]|\\.|\\\n)*            # comment to the end of the line
      | /\*.*?\*/                          # comment
      | (?:u8|u|U|L)?R"(?P<tag>[^()\s\\]*)\(.*?\)(?P=tag)"   # raw string
      | (?:u8|u|U|L)?"(?:[^"\\\n]|\\.)*"   # string
      | (?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)*'  # character; 1'000 is no character
    """, re.M | re.S | re.X)


def blank(text):
    def keep_shape(match):
        found = match.group(0)
        if found.lstrip().startswith("#"):
            return found
        return re.sub(r"[^\n]", " ", found) if found[0] == "/" else (
            '"' + re.sub(r"[^\n]", " ", found[1:-1]) + '"')

    return _TOKEN.sub(keep_shape, text)
