"""`python -m reproductions`: what concerns all papers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reproductions import PAPERS, auditing, doctor, getting, pictures, predicting, splitting, trusting, trying
from reproductions.papers import known, papers
from shared.base.errors import UserError
from shared.base.text import text_table
from shared.running import cli, many

RESULTS = Path("results")


def parser() -> argparse.ArgumentParser:
    """One sub-command each; `--help` of any imports no TensorFlow."""
    p = argparse.ArgumentParser(
        "python -m reproductions", description="All papers: run, compare, audit.", allow_abbrev=False
    )
    commands = p.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str, function) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        sub.set_defaults(function=function)
        return sub

    def of_papers(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument("papers", nargs="*", metavar="PAPER", help=f"of {', '.join(PAPERS)} (default: all)")
        return sub

    new = command("new", "write the folder of a new paper, which runs as it is", new_paper)
    new.add_argument("name", metavar="NAME", help="a folder in reproductions/, such as an author's name")
    command("list", "the papers, their rows and what they report", list_papers)
    many.add_options(of_papers(command("run", "run papers, on one device or many", run_papers)))
    many.add_which(of_papers(command("tasks", "all draws as commands, and what each waits for", list_tasks)))
    predicting.add_options(
        command("predict", "a finished run's model on your own images", predicting.predict)
    )
    report = command("report", "write report.html and the tables in the READMEs", write_report)
    report.add_argument("--out", type=Path, default=RESULTS, help="results (default: results)")
    report.add_argument("--to", type=Path, default=Path("report.html"), help="default: report.html")
    record = of_papers(
        command(
            "record",
            "keep the real draws as evidence, and tell of them in the READMEs",
            record_results,
        )
    )
    record.add_argument("--out", type=Path, default=RESULTS, help="results (default: results)")
    command("pictures", "write the README's pictures and tables, from the evidence", pictures.pictures)
    command("verify", "recompute all that is shown from the evidence, and check every seal", verify_results)
    of_papers(command("consistency", "do a paper's own numbers agree with each other?", check_consistency))
    trusted = "what a paper's printed numbers and its runs can carry"
    trusting.add_options(of_papers(command("trust", trusted, trusting.trust)))
    tried = "small experiments on sets of images: leaks, shortcuts, other data, chance, spread"
    trying.add_options(command("try", tried, trying.try_sets))
    verdicts = command("verdicts", "the rule of verdicts, and how often it errs", show_verdict_rule)
    verdicts.add_argument(
        "--simulate", action="store_true", help="judge experiments of known truth and write docs/verdicts.md"
    )
    get = command("get", "fetch datasets and weights, after the terms are shown", getting.get)
    get.add_argument(
        "names", nargs="*", metavar="NAME", help="papers, datasets, or 'weights' (none: the terms)"
    )
    get.add_argument("--yes", action="store_true", help="agree beforehand")
    get.add_argument("--data-dir", type=Path, default=Path("data"), help="datasets (default: data)")
    get.add_argument("--weights-dir", type=Path, default=Path("weights"), help="weights (default: weights)")
    cli.add_folders(of_papers(command("doctor", "is all there that a run needs?", doctor.doctor)))
    data = command("data", "where each dataset was found, and what to download", describe_data)
    data.add_argument("--data-dir", type=Path, default=Path("data"), help="datasets (default: data)")
    audit = command("audit", "duplicates, shared patients, and what gives classes away", auditing.audit_data)
    audit.add_argument(
        "names", nargs="*", metavar="NAME", help="datasets or papers (default: all datasets there)"
    )
    audit.add_argument("--data-dir", type=Path, default=Path("data"), help="datasets (default: data)")
    audit.add_argument("--out", type=Path, default=RESULTS, help="results (default: results)")
    splitting.add_options(
        of_papers(
            command(
                "splits", "who is in which part of each split (of seed 0), as CSV", splitting.write_splits
            )
        )
    )
    gpu = of_papers(command("gpu-check", "float32 against mixed_float16 on a GPU", check_gpu))
    cli.add_folders(gpu)
    return p


def list_papers(args: argparse.Namespace) -> int:
    """Every paper with the number of its rows, reported numbers and claims."""
    lines = []
    for paper in papers():
        own = [r for r in paper.reported() if r.by == "paper"]
        lines.append((paper.name, str(len(paper.rows)), str(len(own)), str(len(paper.claims)), paper.title))
    print(text_table(("paper", "rows", "reported numbers", "claims", "title"), lines))
    print("\nRows of a paper: python -m reproductions.<paper> --list")
    return 0


def new_paper(args: argparse.Namespace) -> int:
    """A paper's folder from the template, and its lines in the READMEs."""
    from shared.report import page
    from shared.running import scaffold

    here = Path(__file__).parent
    folder = scaffold.write(args.name, here, PAPERS)
    page.render_readmes(papers(sorted([*PAPERS, args.name])), here.parent)
    print(f"Written: {folder}. The comments in it say what to put where; CONTRIBUTING.md tells the rest.")
    print(f"It runs as it is: python -m reproductions.{args.name} --scale demo")
    return 0


def list_tasks(args: argparse.Namespace) -> int:
    """The graph that `run --on` runs."""
    return many.list_tasks(known(args.papers), args)


def run_papers(args: argparse.Namespace) -> int:
    """One paper after another; with --on the tasks of all, on the workers of a machine or a cluster."""
    return many.run(known(args.papers), args)


def _refuse_missing(out: Path) -> None:
    """A folder of results that was named and is not there; the default may be missing before any run."""
    if out != RESULTS and not out.is_dir():
        raise UserError(f"--out {out} is not there: name the folder of the runs")


def write_report(args: argparse.Namespace) -> int:
    """The HTML report, and the tables between the markers of the READMEs."""
    from shared.report import page

    _refuse_missing(args.out)
    for path in page.render_readmes(papers(), Path(__file__).parents[1]):
        print(f"tables brought up to date: {path}")
    target = page.write_report(papers(), args.out, args.to)
    print(f"Written: {target.resolve()}")
    return 0


def record_results(args: argparse.Namespace) -> int:
    """The real draws on disk into each paper's evidence, and the tables that follow from it.

    Demos and draws of unknown code are left out.
    """
    from shared.report import page, records

    _refuse_missing(args.out)
    trials = () if args.papers else records.record_trials(args.out, Path(__file__).parents[1])
    for line in (*records.record(known(args.papers), args.out), *trials):
        print(line)
    for path in page.render_readmes(papers(), Path(__file__).parents[1]):
        print(f"tables brought up to date: {path}")
    return 0


def verify_results(args: argparse.Namespace) -> int:
    """1 where a byte of the evidence or of a table is not as it should be."""
    from shared.report import records

    wrong = list(records.verify(papers(), Path(__file__).parents[1]))
    print("\n".join(wrong) or "All seals are whole, and all tables follow from the evidence.")
    return 1 if wrong else 0


def show_verdict_rule(args: argparse.Namespace) -> int:
    """The rule; with --simulate how often it errs, into docs/verdicts.md: 1 where a condition breaks."""
    from shared.comparison import VERDICT_RULE, write_simulation

    if not args.simulate:
        print(VERDICT_RULE)
        return 0
    path = Path(__file__).parents[1] / "docs" / "verdicts.md"
    problems = write_simulation(path)
    print("\n".join([*(f"broken: {problem}" for problem in problems), f"Written: {path}"]))
    return 1 if problems else 0


def check_consistency(args: argparse.Namespace) -> int:
    """Pure arithmetic on what the papers print."""
    from shared.consistency import checks

    for paper in known(args.papers):
        print(f"== {paper.title}\n")
        for finding in checks.check(paper.reported(), paper.printed_sets):
            print(f"[{finding.kind}] {finding.text}")
            print("".join(f"    {step}\n" for step in finding.computation))
    return 0


def describe_data(args: argparse.Namespace) -> int:
    """Each dataset: found where, its counts, what to download and the tree to make."""
    from data_builders import describing

    print(describing.describe(args.data_dir))
    return 0


def check_gpu(args: argparse.Namespace) -> int:
    """One row of each paper under both precisions."""
    from shared.running import gpu_check

    return gpu_check.check(known(args.papers), args)


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code."""
    args = parser().parse_args(argv)
    return cli.guarded(lambda: args.function(args))


if __name__ == "__main__":
    sys.exit(main())
