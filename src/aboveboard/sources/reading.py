"""The YAML of a mapping → `model.Mapping`. Gathers every problem before it complains."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from sqlglot import exp

from aboveboard.playbook.problems import Problem
from aboveboard.sources import expressions, functions, model, yaml_lines
from aboveboard.sources.expressions import Expression
from aboveboard.sources.problems import MappingError, meant
from aboveboard.sources.yaml_lines import Entries, Sequence, Text, Value

TOP = ("source", "about", "timezone", "dates", "missing", "files", "joins", "every", "events")
EXPORT = (
    "name",
    "format",
    "delimiter",
    "encoding",
    "records",
    "optional",
    "key",
    "per",
    "order",
    "of",
    "one_per",
    "totals",
)
BLOCK = ("from", "joins", "explode", "where", "changed", "attributes", *model.LEDGER_COLUMNS)
FORMATS = ("csv", "json", "parquet", "ledger")
DATE_WORDS = ("iso", "epoch", "epoch_ms")


def read(text: str, *, file: str) -> model.Mapping:
    """Return the mapping; raises MappingError with every problem found."""
    tree = yaml_lines.load(text, file=file)
    if not isinstance(tree, Entries):
        raise MappingError([Problem(file, 1, "A mapping begins with `source:`, `files:` and `events:`.")])
    return _Reader(text, file).mapping(tree)


class _Reader:
    """Walks the tree once. A wrong piece is noted and left out, so that the next one is still looked at."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.problems: list[Problem] = []

    def mapping(self, tree: Entries) -> model.Mapping:
        self.known(tree, TOP, "a mapping")
        for key in ("source", "files", "events"):
            if key not in tree.items:
                self.note(1, f"`{key}` is missing.")
        files = self.files(tree)
        joins = self.joins(tree.items.get("joins"), files)
        mapping = model.Mapping(
            source=self.word(tree, "source") or "source",
            about=self.word(tree, "about") or "",
            timezone=self.timezone(tree),
            dates=self.dates(tree),
            missing=tuple(dict.fromkeys(["", *(t.value or "" for t in self.texts(tree.items.get("missing")))])),
            files=files,
            blocks=self.blocks(tree, files, joins),
            file=self.file,
            text=self.text,
        )
        if self.problems:
            raise MappingError(sorted(self.problems, key=lambda problem: problem.line))
        return mapping

    # -- small words ---------------------------------------------------------------------------------------------

    def note(self, line: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, line, message, hint=hint))

    def known(self, tree: Entries, keys: Iterable[str], what: str) -> None:
        keys = tuple(keys)
        for key, line in tree.lines.items():
            if key not in keys:
                self.note(line, f"`{key}` is not a key of {what}.", meant(key, keys))

    def word(self, tree: Entries, key: str) -> str | None:
        value = tree.items.get(key)
        if value is None or (isinstance(value, Text) and value.value is None):
            return None
        if not isinstance(value, Text):
            self.note(value.line, f"`{key}` takes one word or line of text.")
            return None
        return value.value

    def texts(self, value: Value | None) -> list[Text]:
        """One text, or a list of texts, as a list."""
        if value is None:
            return []
        items = value.items if isinstance(value, Sequence) else (value,)
        wrong = [item for item in items if not isinstance(item, Text)]
        for item in wrong:
            self.note(item.line, "A text or a list of texts is expected here.")
        return [item for item in items if isinstance(item, Text)]

    def entries(self, value: Value | None, what: str) -> Entries | None:
        if value is None or isinstance(value, Entries):
            return value
        self.note(value.line, f"{what} is a list of `key: value` lines.")
        return None

    def expression(self, value: Value, place: str, *, totals: bool = False) -> Expression | None:
        if not isinstance(value, Text):
            self.note(value.line, f"{place}: one SQL expression is expected.")
            return None
        if value.value is None:
            return None
        try:
            return expressions.parse(value.value, place=place, file=self.file, line=value.line, totals=totals)
        except MappingError as error:
            self.problems.extend(error.problems)
            return None

    def several(self, value: Value | None, place: str) -> tuple[Expression, ...]:
        read = (self.expression(text, place) for text in self.texts(value))
        return tuple(expression for expression in read if expression)

    def timezone(self, tree: Entries) -> str:
        name = self.word(tree, "timezone") or "UTC"
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            from zoneinfo import available_timezones

            self.note(tree.lines["timezone"], f"`{name}` is not a time zone.", meant(name, available_timezones()))
            return "UTC"
        return name

    def dates(self, tree: Entries) -> tuple[str, ...]:
        found = []
        for text in self.texts(tree.items.get("dates")):
            pattern = text.value or ""
            if pattern in DATE_WORDS or "%" in pattern:
                found.append(pattern)
            else:
                self.note(
                    text.line,
                    f"`{pattern}` is not a date format.",
                    'Write it as in strftime ("%d/%m/%Y %H:%M"), or say iso, epoch or epoch_ms.',
                )
        return tuple(found) or ("iso",)

    # -- files and joins -----------------------------------------------------------------------------------------

    def files(self, tree: Entries) -> dict[str, model.Export]:
        entries = self.entries(tree.items.get("files"), "`files`")
        if entries is None:
            return {}
        found = {alias: self.export(alias, value, entries.lines[alias]) for alias, value in entries.items.items()}
        for export in found.values():
            if export.of and (export.of not in found or found[export.of].of):
                real = [alias for alias, other in found.items() if not other.of]
                self.note(
                    export.line,
                    f"`{export.alias}`: `of: {export.of}` is not one of the files.",
                    meant(export.of, real),
                )
        return found

    def export(self, alias: str, value: Value, line: int) -> model.Export:
        if not alias.isidentifier():
            self.note(line, f"`{alias}` is not a name for a file.", "Letters, digits and _ only.")
        if isinstance(value, Text):
            return model.Export(alias, line, pattern=value.value or "*")
        entries = self.entries(value, f"`{alias}`")
        if entries is None:
            return model.Export(alias, line)
        self.known(entries, EXPORT, "a file")
        place = f"files.{alias}"
        said = {key: self.word(entries, key) for key in ("name", "format", "delimiter", "encoding", "records", "of")}
        if said["format"] not in (None, *FORMATS):
            self.note(
                entries.lines["format"], f"{place}: unknown format `{said['format']}`.", f"Known: {', '.join(FORMATS)}."
            )
        if not said["of"] and not said["name"]:
            self.note(line, f"{place}: `name` is missing: the file's name or a pattern such as `*orders.csv`.")
        if said["of"] and "one_per" not in entries.items:
            self.note(line, f"{place}: `of` needs `one_per`: the columns of which one row each is kept.")
        lists = {
            key: self.several(entries.items.get(key), f"{place}.{key}") for key in ("key", "per", "order", "one_per")
        }
        totals = self.entries(entries.items.get("totals"), f"{place}.totals")
        summed = {
            name: expression
            for name, text in (totals.items.items() if totals else ())
            if (expression := self.expression(text, f"{place}.totals.{name}", totals=True))
        }
        for total in summed.values():
            if not isinstance(total.tree, tuple(functions.TOTALS.values())):
                self.problems.append(total.problem("one total is expected, such as `sum(price)` or `count(*)`."))
        return model.Export(
            alias,
            line,
            pattern=said["name"],
            format=said["format"],
            delimiter=said["delimiter"],
            encoding=said["encoding"],
            records=said["records"],
            of=said["of"],
            optional=(self.word(entries, "optional") or "false").lower() in ("true", "yes"),
            totals=summed,
            **lists,
        )

    def joins(self, value: Value | None, files: dict[str, model.Export]) -> tuple[model.Join, ...]:
        found = [join for text in self.texts(value) if (join := self.join(text, files))]
        if cycle := _cycle(found):
            line = next(join.line for join in found if join.left == cycle[0])
            self.note(line, f"The joins go round in a circle: {' → '.join(cycle)}.", "Take one of them out.")
            return ()
        return tuple(found)

    def join(self, text: Text, files: dict[str, model.Export]) -> model.Join | None:
        """`a.x = b.y and a.z = b.w`: each row of a looks up the one row of b."""
        parsed = self.expression(text, "joins")
        if parsed is None:
            return None
        equalities = list(parsed.tree.flatten()) if isinstance(parsed.tree, exp.And) else [parsed.tree]
        sides = [_sides(equality) for equality in equalities]
        pairs = [side for side in sides if side]
        if len(pairs) < len(sides) or len({(left[0], right[0]) for left, right in pairs}) != 1:
            shape = "A join reads `orders.customer_id = customers.customer_id`: the file that looks up = the file it looks in."
            self.note(text.line, f"joins: `{text.value}` is not a join.", shape)
            return None
        left, right = pairs[0][0][0], pairs[0][1][0]
        for alias in (left, right):
            if alias not in files:
                self.note(text.line, f"joins: `{alias}` is not one of the files.", meant(alias, files))
                return None
        if left == right:
            self.note(text.line, f"The joins go round in a circle: {left} → {left}.", "Take it out.")
            return None
        columns = tuple((a[1], b[1]) for a, b in pairs)
        return model.Join(left, right, columns, str(text.value), text.line)

    # -- blocks --------------------------------------------------------------------------------------------------

    def blocks(
        self, tree: Entries, files: dict[str, model.Export], joins: tuple[model.Join, ...]
    ) -> tuple[model.Block, ...]:
        every = self.entries(tree.items.get("every"), "`every`")
        events = self.entries(tree.items.get("events"), "`events`")
        if every:
            self.known(every, BLOCK, "`every`")
        if events is None:
            return ()
        if not events.items:
            self.note(events.line, "`events` holds no block.")
        made = (
            self.block(name, value, events.lines[name], every, files, joins) for name, value in events.items.items()
        )
        return tuple(block for block in made if block)

    def block(
        self,
        name: str,
        value: Value,
        line: int,
        every: Entries | None,
        files: dict[str, model.Export],
        joins: tuple[model.Join, ...],
    ) -> model.Block | None:
        own = self.entries(value, f"`{name}`")
        if own is None:
            return None
        self.known(own, BLOCK, "a block of events")
        said = {**(every.items if every else {}), **own.items}
        source_file = self.word(Entries(said, {}, line), "from") or (next(iter(files)) if len(files) == 1 else None)
        if source_file is None or source_file not in files:
            message = (
                f"{name}: `from: {source_file}` is not one of the files."
                if source_file
                else f"{name}: `from` is missing."
            )
            self.note(own.lines.get("from", line), message, meant(source_file or "", files, otherwise="Files"))
            return None
        if "time" not in said:
            self.note(line, f"{name}: `time` is missing: when did it happen?")
        return model.Block(
            name=name,
            line=line,
            source_file=source_file,
            joins=self.reachable(source_file, joins + self.joins(own.items.get("joins"), files), name, line),
            explode=self.explode(said.get("explode"), name, files),
            where=self.several(said.get("where"), f"{name}.where"),
            changed=self.changed(said.get("changed"), name, files[source_file], line),
            columns=self.named(said, lambda column: f"{name}.{column}"),
            attributes=self.attributes(name, every, own),
        )

    def named(self, said: dict[str, Value], place: Callable[[str], str]) -> dict[str, Expression]:
        found = {}
        for column in (*model.LEDGER_COLUMNS, "attributes"):
            if (
                column in said
                and not isinstance(said[column], Entries)
                and (expression := self.expression(said[column], place(column)))
            ):
                found[column] = expression
        return found

    def attributes(self, name: str, every: Entries | None, own: Entries) -> dict[str, Expression]:
        said: dict[str, Value] = {}
        if isinstance(own.items.get("attributes"), Text):
            return {}  # one expression that yields a JSON object: a column like the others
        for tree in (every, own):
            if tree and isinstance(tree.items.get("attributes"), Text):
                continue
            entries = self.entries(tree.items.get("attributes"), f"{name}.attributes") if tree else None
            said.update(entries.items if entries else {})
        read = {key: self.expression(value, f"{name}.attributes.{key}") for key, value in said.items()}
        return {key: expression for key, expression in read.items() if expression}

    def changed(self, value: Value | None, name: str, export: model.Export, line: int) -> tuple[Expression, ...]:
        found = self.several(value, f"{name}.changed")
        if found and not (export.per and export.order):
            message = f"{name}: `changed` compares a row with the one before it."
            self.note(
                line, message, f"Say under files.{export.alias} which rows belong together (`per`) and their `order`."
            )
        return found

    def explode(self, value: Value | None, name: str, files: dict[str, model.Export]) -> tuple[str, Expression] | None:
        """`explode: {event: events}`: one row per item of the JSON list, called `event`."""
        entries = self.entries(value, f"{name}.explode")
        if entries is None:
            return None
        if len(entries.items) != 1:
            self.note(entries.line, f"{name}: `explode` takes one line, such as `item: items`.")
            return None
        (alias, listed), *_ = entries.items.items()
        if alias in files or not alias.isidentifier():
            self.note(
                entries.line, f"{name}: `{alias}` cannot name the items of a list.", "Take a word that no file has."
            )
            return None
        expression = self.expression(listed, f"{name}.explode")
        return (alias, expression) if expression else None

    def reachable(self, start: str, joins: tuple[model.Join, ...], name: str, line: int) -> tuple[model.Join, ...]:
        """The joins that a block can follow from its file, each after the one it builds on."""
        found: list[model.Join] = []
        seen, waiting = {start}, [start]
        while waiting:
            here = waiting.pop(0)
            for join in (join for join in joins if join.left == here):
                if join.right in seen:
                    self.note(line, f"{name}: two joins lead from {start} to {join.right}.", "Take one of them out.")
                    return ()
                seen.add(join.right)
                found.append(join)
                waiting.append(join.right)
        return tuple(found)


def _sides(node: object) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    if not isinstance(node, exp.EQ):
        return None
    left, right = expressions.parts(node.this), expressions.parts(node.expression)
    return (left, right) if left and right and len(left) == len(right) == 2 else None


def _cycle(joins: list[model.Join]) -> list[str] | None:
    """The aliases along a circle of joins, the first repeated at the end; None where there is no circle."""

    def walk(path: list[str]) -> list[str] | None:
        for join in joins:
            if join.left == path[-1]:
                if join.right in path:
                    return [*path[path.index(join.right) :], join.right]
                if circle := walk([*path, join.right]):
                    return circle
        return None

    return next((circle for alias in dict.fromkeys(j.left for j in joins) if (circle := walk([alias]))), None)
