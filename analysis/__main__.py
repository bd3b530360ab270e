"""``python -m analysis`` lists the commands of analysis."""

import sys
from collections.abc import Sequence

from engine.cli.arguments import Parser
from engine.cli.ending import exit_code_of
from engine.errors import UsageError, to_type

#: What each command answers.
COMMANDS = {
    "report": "all there is to see of a run, on one page",
    "figures": "what a run looks like: the paper's pictures, and others",
    "best": "which draws are good, and which were lucky",
    "regions": "whether there is one region of good draws, or several",
    "importance": "which parameters decide the score",
    "profile": "how well each parameter is known, all others searched anew",
    "placebo": "whether dated events of repression explain more than events of any date",
    "posterior": "what the record says of the parameters, and of what happened unseen",
    "second_opinion": "whether another rule than the likelihood comes to the same posterior",
    "forecast": "whether a posterior foretells years that it was not shown",
    "unseen": "whether a run foretells records that were never fitted",
    "counterfactual": "what could have been: without the famine, or with anything else changed",
    "inverse": "whether the record can be had at all, and what utility it would need",
    "volume": "how much of the box is good",
    "leavers": "who leaves",
    "reproduction": "which of the paper's claims a run bears out",
    "diagnostics": "how the chains walked",
    "sensitivity": "what the coefficients of Figure 2 decide, and what survives others",
    "specifications": "what every choice of a scenario leads to: random combinations of readings",
    "compare": "what differs between several runs, and what each found",
}


def listing() -> str:
    """Return a line for each command, with the question that it answers."""
    typed = {to_type(f"analysis.{name}"): question for name, question in COMMANDS.items()}
    width = max(map(len, typed))
    lines = [f"{words:<{width}}  {question}" for words, question in typed.items()]
    return "\n".join([*lines, "", f"each takes the results directory: {next(iter(typed))} results/"])


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit code after the list; what was meant for a command is refused."""

    def work() -> int:
        words = sys.argv[1:] if argv is None else argv
        parser = Parser(prog=to_type("analysis"), description=listing(), allow_abbrev=False)
        if words and (name := words[0].rpartition(".")[2]) in COMMANDS:
            raise UsageError(f"{words[0]}: is a command of its own; type {to_type(f'analysis.{name}')}")
        _, problems = parser.read(words)
        if problems:
            raise UsageError("\n".join(problems))
        print(listing())
        return 0

    return exit_code_of(work, "stopped")


if __name__ == "__main__":
    sys.exit(main())
