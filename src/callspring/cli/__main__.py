import sys

from callspring.cli.main import main

sys.exit(main())
