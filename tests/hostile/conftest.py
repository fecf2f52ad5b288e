"""Makes `import cases` work for every module of hostile files in this folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
