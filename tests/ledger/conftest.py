"""Makes `import tidy` work for the tests of the formats."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
