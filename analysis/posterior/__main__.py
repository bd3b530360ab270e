"""``python -m analysis.posterior results/``: what the record says of the parameters, and of what happened unseen."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from textwrap import fill

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.posterior.exhibits import exhibits_of
from engine.cli.arguments import Parser
from engine.cli.compile_notice import tell_of_compiling

FORMS = {
    **dict.fromkeys(("mean", "median", "p05", "p95", "prior_p05", "prior_p95"), ".4g"),
    **dict.fromkeys(("narrower", "rhat", "place", "k_hat", "left_out_log_likelihood"), ".2f"),
    **dict.fromkeys(("ess_bulk", "ess_tail"), ",.0f"),
}
OF_RECORDS = dict.fromkeys(("record", "p05", "p50", "p95"), ".5g")  # people, years and shares in one column
PATHS = "posterior_paths"


def parser() -> Parser:
    """Return the command's options."""
    about = "What the record says of the parameters, and of what happened unseen: of a run of --method posterior."
    return parser_of("posterior", about)


def work(options: Namespace) -> None:
    """Print and store what the posterior says."""
    tell_of_compiling("batch.run_each")
    found = exhibits_of(options.run)
    for exhibit in found:
        print(f"{exhibit.title}\n{fill(exhibit.sentence, 110)}\n")
        if exhibit.table is not None and exhibit.name != PATHS:  # its picture tells it better
            forms = FORMS if exhibit.name == "posterior" else FORMS | OF_RECORDS
            print(f"{exhibit.table.as_text(forms)}\n")
    hand_over(found, options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
