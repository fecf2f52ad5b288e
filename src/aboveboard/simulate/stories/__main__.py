"""Write the stories' events: `python -m aboveboard.simulate.stories [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path

from aboveboard.simulate import stories

for path in stories.write(Path(sys.argv[1] if len(sys.argv) > 1 else "stories")):
    print(path)
