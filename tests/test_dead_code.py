"""Nothing is kept that nothing uses."""

import ast
import re
from collections import Counter

from tests.test_architecture import PRODUCT, ROOT, at, nodes, sources

#: Called by the framework: Django's forms, admin, commands, middleware; Celery's signals.
HOOKS = re.compile(
    r"clean_\w+|has_\w+_permission|save_model|save_formset|validate_constraints|delete_model|add_arguments"
    r"|get_client_ip|label_from_instance|get_list_select_related|is_open_for_signup|process_\w+"
    r"|die_with_the_worker|\w+Config"
)


def test_nothing_is_dead():
    """Whatever is defined is named again, in the product, a template or what a migration imports;
    tests do not count.
    """
    templates = [path.read_text() for path in (ROOT / "templates").rglob("*.*")]
    product = [text for _path, _tree, text in sources(*PRODUCT)]
    folders = [ROOT / folder for folder in PRODUCT]
    migrations = [path.read_text() for top in folders for path in top.glob("**/migrations/*.py")]
    imported = re.findall(r"^from .* import .*$", "\n".join(migrations), re.MULTILINE)
    words = Counter(re.findall(r"\w+", "\n".join([*product, *templates, *imported])))
    defined = {
        node.name: at(path, node)
        for kind in (ast.FunctionDef, ast.ClassDef)
        for path, node in nodes(kind, *PRODUCT)
        if not node.name.startswith("__") and not HOOKS.fullmatch(node.name)
        if {ast.unparse(how) for how in node.decorator_list} <= {"property", "classmethod"}
    }
    assert [f"{where} {name}" for name, where in defined.items() if words[name] == 1] == []
