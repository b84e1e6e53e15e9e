"""The web in one vocabulary: a list, a detail page, a form page, and verbs that act.

A view is one call of one of these; docs/web.md has the worked example.
"""

from o2c.web.acting import act
from o2c.web.actions import Action
from o2c.web.chain import ChainNode, chain_node, set_chain_provider
from o2c.web.details import detail_page, thing_page
from o2c.web.excerpts import excerpt_of, part_of
from o2c.web.formpages import form_page
from o2c.web.imports import ImportForm, import_page
from o2c.web.lists import list_page
from o2c.web.related import RelatedLink, set_related_provider
from o2c.web.reports import reads_from_standby
from o2c.web.showing import SeeOther, require_right, show

__all__ = [
    "Action",
    "ChainNode",
    "ImportForm",
    "RelatedLink",
    "SeeOther",
    "act",
    "chain_node",
    "detail_page",
    "excerpt_of",
    "form_page",
    "import_page",
    "list_page",
    "part_of",
    "reads_from_standby",
    "require_right",
    "set_chain_provider",
    "set_related_provider",
    "show",
    "thing_page",
]
