from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('visits', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='dropcount',
            name='last_at',
            field=models.DateTimeField(null=True),
        ),
    ]
