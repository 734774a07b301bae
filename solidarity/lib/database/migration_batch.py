"""Steps of a migration whose models Django builds once, not once for each step."""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Batch(Operation):
    """Operations of a migration that are independent of each other.

    After each operation, Django builds the changed model again, and with it all models that are related to it: here, nearly
    all. In a batch, each operation sees the models before the first one and after the last one, so they are built once
    (docs/adr/0055-one-migration-per-app.md). No two operations may change the same column, index or constraint, and a
    table must be made complete.
    """

    reversible = False

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the state of the models; forget the built models, which are built again when they are needed."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Run the operations in their order."""
        # No table can be altered while checks of changed rows are pending.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Return what Django prints for the operation."""
        return f"{len(self.operations)} operations at once"
