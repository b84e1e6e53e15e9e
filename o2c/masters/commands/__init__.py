"""The verbs of the masters."""

from o2c.masters.commands.amending import amend_master, define_terms, remove_master
from o2c.masters.commands.importing import import_masters
from o2c.masters.commands.installing import install_company, install_reference_data
from o2c.masters.commands.keeping import keep_goods_masters
from o2c.masters.commands.kinds import KINDS, Kind

__all__ = [
    "KINDS",
    "Kind",
    "amend_master",
    "define_terms",
    "import_masters",
    "install_company",
    "install_reference_data",
    "keep_goods_masters",
    "remove_master",
]
