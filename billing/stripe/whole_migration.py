"""A first migration of many related models that is applied in seconds.

Django renders each model's relatives anew with each model that it adds; with dj-stripe's 59, all related to one
another, that is nearly all the time that a fresh database takes. Here the final state is rendered once.
"""

from django.db import migrations, router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class WholeMigration(migrations.Migration):
    """A migration that only creates models and their fields: its tables are made as they are in the end.

    Undone, it goes Django's way, one operation after the other.
    """

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """Create each table in its final form, and return the new state. `sqlmigrate` passes `collect_sql`."""
        # What is rendered already would be rendered again for each model; without it, adding one is only noted.
        vars(project_state).pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for model in project_state.apps.get_app_config(self.app_label).get_models():
            if router.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)
        return project_state
