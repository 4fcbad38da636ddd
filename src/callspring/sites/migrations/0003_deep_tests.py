from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sites', '0002_snippet_tests'),
    ]

    operations = [
        migrations.AddField(
            model_name='snippettest',
            name='deep',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='snippettest',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting for its turn'), ('fetching', 'Fetching the page'), ('reading', 'Reading what it loads'), ('loading', 'Loading it in a browser'), ('done', 'Done')], default='waiting', max_length=8),
        ),
    ]
