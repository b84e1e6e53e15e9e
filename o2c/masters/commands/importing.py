"""Masters from a file: read, checked as a whole, then stored as a whole or not at all."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models
from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.bulk import update_rows
from o2c.core.codes import with_codes
from o2c.core.commands import attempt, command, lock_where
from o2c.core.errors import RuleViolation
from o2c.core.number_keys import code_key
from o2c.masters.commands.amending import right, values_of
from o2c.masters.commands.checks import (
    constraint_problem,
    contradictions,
    field_problems,
    normalise,
    terms_problems,
)
from o2c.masters.commands.kinds import KINDS, Kind
from o2c.masters.models import PaymentTerms, PaymentTermsLine, Recorded
from o2c.tabular import Code, FileRefused, Number, Record, RowError, read_records, read_sheet
from o2c.tabular.columns import shortened
from o2c.tabular.imports import ImportResult


@dataclass
class _Entry:
    """A row of the file on its way into the database."""

    row: int
    instance: Recorded
    stored: dict[str, Any] | None  # its columns as they are in the database
    later: dict[str, str] = field(default_factory=dict)  # references to rows of the same file

    @property
    def is_new(self) -> bool:
        return self.stored is None

    @property
    def changed(self) -> bool:
        return self.stored is not None and self.stored != values_of(self.instance)


@command(timeout_s=300)
def import_masters(
    kind: str, file_name: str, data: bytes, *, dry_run: bool = False, actor: Actor
) -> ImportResult:
    """Create or update the masters of one kind (see `KINDS`) from a CSV or XLSX file.

    All or nothing: with any error the result lists every error and nothing is stored. Rows are
    found again by the kind's key, so the same file may come twice. Columns the file does not
    have keep their values. A dry run does everything and then takes it back.
    Needs the right to add and to change. Raises RuleViolation for an unknown kind.
    """
    spec = KINDS.get(kind)
    if spec is None:
        raise RuleViolation(
            _("There is no kind “%(kind)s”. Kinds: %(kinds)s.")
            % {"kind": kind[:40], "kinds": ", ".join(KINDS)}
        )
    for verb in ("add", "change"):
        require(actor, right(spec.model, verb))
    result = ImportResult(kind, file_name, dry_run)
    with attempt() as whole:
        try:
            _Import(spec, result).run(file_name, data)
        except FileRefused as refusal:
            result.refuse(refusal)
        if result.refused or dry_run:
            whole.take_back()
    return result


class _Import:
    """One run over one file. Each step only adds errors to the result; `run` decides."""

    def __init__(self, kind: Kind, result: ImportResult) -> None:
        self.kind = kind
        self.result = result
        self.empty = {column.name: column.empty for column in kind.columns}
        self.coded = {column.name for column in kind.columns if isinstance(column, Code)}
        self.known: dict[str, list[str]] = {}  # codes to propose for a wrong reference
        self.reason = _("Import of %(file)s") % {"file": result.file_name[:150]}

    def run(self, file_name: str, data: bytes) -> None:
        read = read_records(read_sheet(file_name, data), self.kind.columns)
        self.result.errors += read.errors
        self.result.notes += read.notes
        self.result.rows = len(read.records) + len({error.row for error in read.errors})
        records = self._without_twins(read.records)
        self._add_sums(records)
        referred = self._referred([*records, *read.broken])
        codes = {code_key(record.values.get("code") or "") for record in (*records, *read.broken)}
        for record in read.broken:  # so that the next try does not bring up another error
            self._resolve(record, referred, codes)
        entries = self._entries(records, referred, codes)
        self._check(entries)
        if self.result.refused:
            return
        self._store(entries)
        if not self.result.refused:
            self._check_terms(entries)

    def _fail(self, row: int, problem: RuleViolation, value: Any = "") -> None:
        self.result.errors.append(
            RowError(row, problem.field or "", shortened(value), str(problem))
        )

    # -- what the file says ---------------------------------------------------------------------

    def _key(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """What identifies a row; a column the file does not have counts as empty."""
        return tuple(
            self._meant(name, values.get(name, self.empty[name])) for name in self.kind.key
        )

    def _meant(self, name: str, value: Any) -> Any:
        """A value as it is compared: of a code, what all its spellings share."""
        return code_key(value) if name in self.coded and isinstance(value, str) else value

    def _without_twins(self, records: Iterable[Record]) -> list[Record]:
        """Equal rows count once; two different rows with one key are an error."""
        first: dict[tuple[Any, ...], Record] = {}
        repeated = []
        for record in records:
            twin = first.setdefault(self._key(record.values), record)
            if twin is record:
                continue
            if self._said(twin) == self._said(record):
                repeated.append(str(record.row))
                continue
            message = _("Row %(row)s already says something else about %(key)s.") % {
                "row": twin.row,
                "key": ", ".join(
                    str(part) for part in map(record.values.get, self.kind.key) if part
                ),
            }
            self._fail(record.row, RuleViolation(message, field=self.kind.key[-1]))
        if repeated:
            self.result.skipped = len(repeated)
            self.result.notes.append(
                _("Rows that repeat an earlier one are skipped: %(rows)s.")
                % {"rows": ", ".join(repeated[:20]) + (", …" if len(repeated) > 20 else "")}
            )
        return list(first.values())

    def _said(self, record: Record) -> dict[str, Any]:
        """What a row says, with what it refers to in one spelling."""
        return {
            name: self._meant(name, value) if name in self.kind.references else value
            for name, value in record.values.items()
        }

    def _add_sums(self, records: Iterable[Record]) -> None:
        numbers = {column.name for column in self.kind.columns if type(column) is Number}
        for record in records:
            self.result.add_sums(
                (name, value)
                for name, value in record.values.items()
                if name in numbers and value is not None
            )

    # -- what it refers to ----------------------------------------------------------------------

    def _referred(self, records: Sequence[Record]) -> dict[str, dict[str, Any]]:
        """For every reference column: what each code means, by its key."""
        answer: dict[str, dict[str, Any]] = {}
        for name, reference in self.kind.references.items():
            codes = {r.values[name] for r in records if r.values.get(name) is not None}
            for row in with_codes(reference.model._default_manager.all(), codes, reference.by):
                code = getattr(row, reference.by)
                answer.setdefault(name, {})[code_key(code)] = code if reference.store else row
        return answer

    def _missing(self, record: Record, name: str, code: str) -> None:
        reference = self.kind.references[name]
        if name not in self.known:
            known = reference.model._default_manager.values_list(reference.by, flat=True)
            self.known[name] = list(known[:5000])
        close = get_close_matches(code, self.known[name], n=3)
        message = _("There is no such %(what)s.") % {
            "what": reference.model._meta.verbose_name,
        }
        if close:
            message += " " + _("Close: %(codes)s.") % {"codes": ", ".join(close)}
        self._fail(record.row, RuleViolation(message, field=name), code)

    # -- what is there already ------------------------------------------------------------------

    def _resolve(
        self, record: Record, referred: dict[str, dict[str, Any]], codes: Collection[Any]
    ) -> tuple[dict[str, Any], dict[str, str]] | None:
        """The values of a row with what it refers to, and references to rows of the same file.

        None when something it names does not exist, which becomes an error of the result.
        """
        values, later = dict(record.values), {}
        complete = True
        for name in self.kind.references:
            code = values.get(name)
            if code is None:
                continue
            if found := referred.get(name, {}).get(code_key(code)):
                values[name] = found
            elif name in self.kind.self_references and code_key(code) in codes:
                later[name] = values.pop(name)
            else:
                self._missing(record, name, code)
                complete = False
        return (values, later) if complete else None

    def _entries(
        self,
        records: Sequence[Record],
        referred: dict[str, dict[str, Any]],
        codes: Collection[Any],
    ) -> list[_Entry]:
        ready = [
            (record, *resolved)
            for record in records
            if (resolved := self._resolve(record, referred, codes)) is not None
        ]
        existing = self._existing([values for _record, values, _later in ready])
        return [
            self._entry(record, values, later, existing.get(self._key(values)))
            for record, values, later in ready
        ]

    def _existing(self, rows: Sequence[dict[str, Any]]) -> dict[tuple[Any, ...], Recorded]:
        """The stored rows the file may mean, locked, by key."""
        if not rows:
            return {}
        conditions: dict[str, Any] = {
            f"{name}__in": sorted({_plain(values[name]) for values in rows})
            for name in self.kind.key
            if name != "code" and all(values.get(name) is not None for values in rows)
        }
        if "code" in self.kind.key:
            spelt = with_codes(self.kind.model._default_manager.all(), {v["code"] for v in rows})
            conditions["pk__in"] = spelt.values("pk")
        related = [name for name, to in self.kind.references.items() if not to.store]
        required = [n for n in related if not self.kind.model._meta.get_field(n).null]
        stored = lock_where(self.kind.model, related=required, **conditions)
        return {self._key({n: getattr(row, n) for n in self.kind.key}): row for row in stored}

    def _entry(
        self, record: Record, values: dict[str, Any], later: dict[str, str], found: Any
    ) -> _Entry:
        if found is None:
            return _Entry(record.row, self.kind.model(**values), None, later)
        if "code" in self.kind.key and values["code"] != found.code:
            self._fail(record.row, _other_capitals(found.code), values["code"])
        entry = _Entry(record.row, found, values_of(found), later)
        for name, value in values.items():
            setattr(found, name, value)
        return entry

    # -- whether it is right --------------------------------------------------------------------

    def _check(self, entries: Sequence[_Entry]) -> None:
        skipped = [f.name for f in self.kind.model._meta.fields if f.is_relation or f.primary_key]
        others = contradictions([entry.instance for entry in entries])
        for entry, contradicted in zip(entries, others, strict=True):
            problems = normalise(entry.instance)
            wrong = [problem.field or "" for problem in problems]
            try:
                entry.instance.clean_fields(exclude=[*skipped, *wrong])
            except ValidationError as error:
                problems += field_problems(error)
            for problem in problems or contradicted:
                value = getattr(entry.instance, problem.field, "") if problem.field else ""
                self._fail(entry.row, problem, value)

    def _check_terms(self, entries: Iterable[_Entry]) -> None:
        """Lines make sense together only; the terms they belong to are checked as stored now."""
        if self.kind.model is not PaymentTermsLine:
            return
        first_row = {e.instance.terms_id: e.row for e in reversed(list(entries))}  # type: ignore[attr-defined]
        touched = PaymentTerms.objects.filter(pk__in=first_row).prefetch_related("lines")
        for terms in touched:
            for problem in terms_problems(terms.plan()):
                self._fail(first_row[terms.pk], problem, terms.code)

    # -- storing --------------------------------------------------------------------------------

    def _store(self, entries: Sequence[_Entry]) -> None:
        new = [entry for entry in entries if entry.is_new]
        changed = [entry for entry in entries if entry.changed]
        try:
            with attempt():
                self._create(new)
                self._update(changed)
                changed += self._link(entries)
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except IntegrityError as error:
            self._find_refused([*new, *changed], error)
            return
        self.result.created = len(new)
        updated = {id(entry) for entry in changed if not entry.is_new}
        self.result.updated = len(updated)
        self.result.unchanged = len(entries) - len(new) - len(updated)

    def _create(self, entries: Sequence[_Entry]) -> None:
        rows = [entry.instance for entry in entries]
        self.kind.model._default_manager.bulk_create(rows, batch_size=1000)
        self._record(rows, update=False)

    def _update(self, entries: Sequence[_Entry]) -> None:
        rows = [entry.instance for entry in entries]
        for row in rows:
            row.version += 1
        names = [f.name for f in self.kind.model._meta.concrete_fields if not f.primary_key]
        update_rows(rows, names)
        self._record(rows, update=True)

    def _record(self, rows: Sequence[Recorded], *, update: bool) -> None:
        self.kind.model.history.bulk_history_create(
            rows, batch_size=1000, update=update, default_change_reason=self.reason
        )

    def _link(self, entries: Sequence[_Entry]) -> list[_Entry]:
        """Set references to rows of the same file, which have a primary key only now."""
        by_code = {code_key(getattr(e.instance, "code", "")): e.instance for e in entries}
        linked = []
        for entry in entries:
            for name, code in entry.later.items():
                if getattr(entry.instance, name) != by_code[code_key(code)]:
                    setattr(entry.instance, name, by_code[code_key(code)])
                    linked.append(entry)
        unique = list({id(entry): entry for entry in linked}.values())
        self._update(unique)
        return unique

    def _find_refused(self, entries: Iterable[_Entry], bulk_error: IntegrityError) -> None:
        """The database refused the lot: store row by row to learn which rows and why.

        All of it is rolled back with the file.
        """
        for entry in entries:
            if entry.is_new:
                entry.instance.pk = None
                entry.instance._state.adding = True
            entry.instance.skip_history_when_saving = True  # type: ignore[attr-defined]
            try:
                with attempt():
                    entry.instance.save()
            except IntegrityError as error:
                problem = constraint_problem(error, self.kind.model)
                value = getattr(entry.instance, problem.field, "") if problem.field else ""
                self._fail(entry.row, problem, value)
        if not self.result.refused:
            self._fail(0, constraint_problem(bulk_error, self.kind.model))


def _other_capitals(code: str) -> RuleViolation:
    """That a row is about what is here under a code with other capitals."""
    message = _("It stands here as “%(code)s”, and capitals do not tell two codes apart.")
    return RuleViolation(message % {"code": code}, field="code")


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value
