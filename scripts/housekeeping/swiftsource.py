"""A reader of Swift source that is good enough for house rules: no parser, but it knows comments,
strings, brackets and where declarations stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ACCESS = ("public", "open", "package", "internal", "fileprivate", "private")
TYPES = ("struct", "class", "enum", "protocol", "actor", "macro", "typealias")
MODIFIERS = ACCESS + (
    "static", "final", "mutating", "nonmutating", "override", "required", "convenience", "lazy", "weak", "unowned",
    "indirect", "nonisolated", "isolated", "distributed", "prefix", "postfix", "infix", "dynamic", "optional",
    "consuming", "borrowing", "class",
)
DECLARATIONS = TYPES + (
    "func", "var", "let", "init", "subscript", "associatedtype", "extension", "case", "import", "operator",
    "precedencegroup", "deinit",
)
TOKEN = re.compile(
    r"(?P<attribute>@\w+(?:\.\w+)*)"
    r"|(?P<setter>\b(?:public|open|package|internal|fileprivate|private)\(set\))"
    r"|(?P<member>\.\s*`?\w+`?)"
    r"|(?P<word>`?[A-Za-z_]\w*`?)"
    r"|(?P<mark>[{}()\[\]\n])"
)


def blanked(source: str) -> str:
    """The source with comments and the insides of strings replaced by spaces; lines keep their numbers."""
    out: list[str] = []
    i, end = 0, len(source)

    def blank(text: str) -> None:
        out.append(re.sub(r"[^\n]", " ", text))

    while i < end:
        if source.startswith("//", i):
            stop = source.find("\n", i)
            stop = end if stop < 0 else stop
            blank(source[i:stop])
        elif source.startswith("/*", i):
            stop = _end_of_block_comment(source, i)
            blank(source[i:stop])
        elif opening := re.compile(r'(#*)("""|")').match(source, i):
            stop = _end_of_string(source, opening)
            blank(source[i:stop])
        elif opening := re.compile(r"(#+)/").match(source, i):
            stop = source.find("/" + opening[1], opening.end())
            stop = end if stop < 0 else stop + 1 + len(opening[1])
            blank(source[i:stop])
        else:
            out.append(source[i])
            stop = i + 1
        i = stop
    return "".join(out)


def _end_of_block_comment(source: str, start: int) -> int:
    depth, i = 0, start
    while i < len(source):
        if source.startswith("/*", i):
            depth, i = depth + 1, i + 2
        elif source.startswith("*/", i):
            depth, i = depth - 1, i + 2
            if depth == 0:
                return i
        else:
            i += 1
    return i


def _end_of_string(source: str, opening: re.Match[str]) -> int:
    hashes, quotes = opening[1], opening[2]
    close, escape = quotes + hashes, "\\" + hashes
    i = opening.end()
    while i < len(source):
        if source.startswith(escape + "(", i):
            i = _end_of_interpolation(source, i + len(escape) + 1)
        elif source.startswith(escape, i):
            i += len(escape) + 1
        elif source.startswith(close, i):
            return i + len(close)
        elif quotes == '"' and source[i] == "\n":
            return i  # Not closed: the compiler will say so.
        else:
            i += 1
    return i


def _end_of_interpolation(source: str, start: int) -> int:
    depth, i = 1, start
    while i < len(source) and depth:
        if opening := re.compile(r'(#*)("""|")').match(source, i):
            i = _end_of_string(source, opening)
            continue
        depth += {"(": 1, ")": -1}.get(source[i], 0)
        i += 1
    return i


@dataclass
class Declaration:
    """A declaration outside of function bodies."""

    kind: str
    name: str
    line: int  # Of its first attribute or modifier, from 1.
    access: str  # As written, or "" where nothing is.
    attributes: list[str]
    parents: list["Declaration"] = field(default_factory=list)
    label: str = ""  # Of an initialiser: its first argument label.
    conforms: bool = False  # Of a type or an extension: whether it names a protocol or a superclass.

    @property
    def requirement(self) -> str:
        """What a protocol's requirement and its witness have in common."""
        return f"init({self.label}:" if self.kind == "init" else self.name

    @property
    def is_public(self) -> bool:
        """Written `public` or `open`, or so by standing in a public extension or being a protocol's requirement."""
        if self.access:
            return self.access in ("public", "open")
        parent = self.parents[-1] if self.parents else None
        if parent is None or self.kind in ("case", "deinit"):
            return False
        if parent.kind == "protocol":
            return parent.is_public
        return parent.kind == "extension" and parent.access == "public"

    @property
    def qualified_name(self) -> str:
        return ".".join([p.name for p in self.parents] + [self.name])


class _Scanner:
    def __init__(self, source: str) -> None:
        self.text = blanked(source)
        self.found: list[Declaration] = []
        self.scopes: list[Declaration | None] = []  # None: a body in which declarations are local.
        self.opened: list[int] = []  # The round and square brackets that are open, per scope.
        self.depth = 0
        self.pending: list[tuple[str, int]] = []
        self.next_scope: Declaration | None = None
        self.in_tail = False  # Behind a declaration's name, on its line: attributes there belong to its type.

    def scan(self) -> list[Declaration]:
        position = 0
        while token := TOKEN.search(self.text, position):
            position = self._take(token)
        return self.found

    def _take(self, token: re.Match[str]) -> int:
        text, end = token[0], token.end()
        if text in "{}" or (text == "\n" and not self.depth):
            self.in_tail = False
        if text == "{":
            self.scopes.append(self.next_scope)
            self.opened.append(self.depth)
            self.depth, self.next_scope, self.pending = 0, None, []
        elif text == "}":
            if self.scopes:
                self.scopes.pop()
                self.depth = self.opened.pop()
            self.pending = []
        elif text in "([":
            self.depth += 1
        elif text in ")]":
            self.depth = max(0, self.depth - 1)
        elif text == "\n" or token["member"] or self.depth or (self.scopes and self.scopes[-1] is None):
            pass
        elif token["attribute"] or token["setter"]:
            if not self.in_tail:
                self.pending.append((text, token.start()))
        elif text in DECLARATIONS and not self._is_modifier(text, end):
            return self._declare(text, token.start(), end)
        elif text in MODIFIERS and re.compile(r"(\(\w+\))?\s+[@\w]").match(self.text, end):
            self.pending.append((text, token.start()))
        return end

    def _is_modifier(self, text: str, end: int) -> bool:
        """`class func` and `class var`: there `class` says `static`."""
        return text == "class" and re.compile(r"\s+(func|var|subscript)\b").match(self.text, end) is not None

    def _declare(self, kind: str, start: int, end: int) -> int:
        words = [w for w, _ in self.pending]
        first = self.pending[0][1] if self.pending else start
        self.pending, self.in_tail = [], True
        if kind in ("import", "case"):
            stop = re.compile(r"[\n};]").search(self.text, end)
            return stop.start() if stop else len(self.text)
        name, after = kind, end
        if kind not in ("init", "subscript", "deinit"):
            match = re.compile(r"\s*([\w`.]+|[^\s\w(]+)").match(self.text, end)
            if match:
                name, after = match[1].strip("`"), match.end()
        declaration = Declaration(
            kind=kind, name=name, line=self.text.count("\n", 0, first) + 1,
            access=next((w for w in words if w in ACCESS), ""),
            attributes=[w for w in words if w.startswith("@")],
            parents=[s for s in self.scopes if s is not None],
        )
        header = self.text[after:self.text.find("{", after)] if "{" in self.text[after:] else ""
        declaration.conforms = kind != "init" and ":" in re.sub(r"<[^<>]*>", "", re.split(r"\bwhere\b", header)[0])
        if kind == "init" and (match := re.compile(r"\??\s*(?:<[^(]*>)?\s*\(\s*(\w+)").match(self.text, after)):
            declaration.label = match[1]
        self.found.append(declaration)
        opens_scope = kind in ("struct", "class", "enum", "protocol", "actor", "extension")
        self.next_scope = declaration if opens_scope else None
        return after


def declarations(source: str) -> list[Declaration]:
    """Every declaration of a file that is not local to a function."""
    return _Scanner(source).scan()


def has_doc_comment(lines: list[str], line: int) -> bool:
    """Whether a doc comment ends right before the line (from 1); plain `//` lines may stand between."""
    i = line - 2
    while i >= 0 and re.match(r"\s*//(?!/)", lines[i]):
        i -= 1
    if i < 0:
        return False
    text = lines[i].strip()
    if text.startswith("///"):
        return True
    if not text.endswith("*/"):
        return False
    while i >= 0 and "/*" not in lines[i]:
        i -= 1
    return i >= 0 and "/**" in lines[i]
