"""An initial migration of many related models that is applied in seconds.

Django renders a model's relatives again for each model it adds. With dj-stripe's 59 related models that takes
nearly all the time of setting up a database. Here the final state is rendered once.
"""

from django.db import migrations, router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class WholeMigration(migrations.Migration):
    """A migration that only creates models and fields. Each table is created in its final form.

    It is undone in Django's usual way, one operation after the other.
    """

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """`sqlmigrate` passes `collect_sql`."""
        # If the apps were rendered, each added model would render them again.
        vars(project_state).pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for model in project_state.apps.get_app_config(self.app_label).get_models():
            if router.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)
        return project_state
