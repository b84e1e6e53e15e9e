"""The database's own guard over posted documents. What refuses here is a bug, not a user's error,
except the running back of dates, which `commands` turns into a sentence."""

from typing import Any

import pgtrigger

from o2c.core.triggers import append_only

#: SQLSTATE of a date before the last one of its number series.
DATE_RAN_BACK = "O2C80"

DATES_DO_NOT_RUN_BACK = pgtrigger.Trigger(
    # The number's counter row is locked by now, so that nobody else posts in this series.
    name="dates_do_not_run_back",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Q(old__number__isnull=True, new__number__isnull=False),
    func=f"""
    IF EXISTS (
        SELECT 1 FROM invoicing_invoice
        WHERE series = NEW.series AND state = 'posted' AND invoice_date > NEW.invoice_date
    ) THEN
        RAISE EXCEPTION 'invoicing_invoice: % is before the last date of series %',
            NEW.invoice_date, NEW.series
        USING ERRCODE = '{DATE_RAN_BACK}';
    END IF;
    RETURN NEW;
    """,
)


def no_truncate() -> pgtrigger.Trigger:
    """Refuse TRUNCATE."""
    return next(trigger for trigger in append_only() if trigger.name == "no_truncate")


class _ChangedWhenPosted(pgtrigger.Condition):
    """A posted row differs in more than the counters that may still move."""

    def __init__(self, *counters: str) -> None:
        self.change = pgtrigger.AnyChange(exclude=list(counters))

    def resolve(self, model: Any) -> str:
        return f"OLD.state = 'posted' AND ({self.change.resolve(model)})"


def changed_when_posted(*counters: str) -> pgtrigger.Condition:
    """Something other than counters changes on a posted row."""
    return _ChangedWhenPosted(*counters)


def frozen_with_invoice(*counters: str) -> list[pgtrigger.Trigger]:
    """Rows of a posted invoice are neither added, changed nor deleted; `counters` may move."""
    return [
        _unless_posted("not_into_a_posted_invoice", pgtrigger.Insert, "NEW", None),
        _unless_posted(
            "stays_when_posted",
            pgtrigger.Update,
            "OLD",
            pgtrigger.AnyChange(exclude=list(counters)) if counters else None,
        ),
        pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        no_truncate(),
    ]


def _unless_posted(
    name: str, operation: Any, row: str, condition: pgtrigger.Condition | None
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        condition=condition,
        func=f"""
        IF EXISTS (
            SELECT 1 FROM invoicing_invoice WHERE id = {row}.invoice_id AND state = 'posted'
        ) THEN
            RAISE EXCEPTION 'pgtrigger: Cannot change rows of a posted invoice in %',
                TG_TABLE_NAME;
        END IF;
        RETURN NEW;
        """,
    )
