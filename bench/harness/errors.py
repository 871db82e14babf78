"""How the scripts end on bad input: one line on stderr, exit status 2."""

import os
import sys


class Refused(Exception):
    """A mistake of the user's; the text names it and what was expected."""


def run(main):
    """Calls main() and exits with its result; turns Refused into one line."""
    name = os.path.basename(sys.argv[0])
    try:
        sys.exit(main())
    except Refused as refused:
        print(f"{name}: {refused}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
