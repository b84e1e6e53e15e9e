"""The only door for XML from outside: no DTD, no entities, no network, no giants."""

from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from o2c.core.errors import RuleViolation

MAX_BYTES = 20 * 1024 * 1024


def parse_xml(data: bytes) -> Any:
    """The root element of an XML document. Raises RuleViolation for what is not safe or not XML."""
    if not data.strip():
        raise RuleViolation(_("The file is empty."))
    if len(data) > MAX_BYTES:
        raise RuleViolation(_("The file is larger than %(mb)s MB.") % {"mb": MAX_BYTES >> 20})
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = str(error).partition(" (<string>")[0]  # libxml's name for what is no file
        raise RuleViolation(
            _("This is not readable as XML: %(reason)s") % {"reason": reason[:200]}
        ) from error
    if root.getroottree().docinfo.doctype:
        raise RuleViolation(_("A DTD is not allowed in an XML file."))
    return root
