"""The command's words: subcommands, options, help."""

from __future__ import annotations

import argparse

PASSES = ("both", "forward", "backward")
READINGS = ("auto", "symbols", "shapes", "numbers", "all")
STYLES = ("textbook", "dark")
SHELLS = ("bash", "zsh", "fish")

DRAW_EXAMPLES = """\
examples:
  diagrad draw "Y = X @ W + b" --input X=3x2 --input W=2x2 --input b=2 -o affine.svg
  diagrad draw "f = (x + y) * z" --input x=-2.0 --input y=5.0 --input z=-4.0
  diagrad draw "h = tanh(X @ W); L = mean(h ** 2)" -i X=4x3 -p W=3x2 --show all
  diagrad draw "p = softmax(x)" -i "x=[1, 2, 3]" --pass forward --text
  diagrad draw "L = sum(sqrt(x))" -i "x=[0, 4]" --debug
  diagrad draw "y = exp(x)" -i x=data.npy -o - > exp.svg

inputs:
  X=3x2            a shape: 3 rows, 2 columns of random numbers, the same for the same --seed
  b=2              a shape too: 2 numbers (a whole number is a size)
  x=2.0, x=-2      one number
  x="[1, 2, nan]"  numbers; X="[[1,2],[3,4]]" two rows of them
  X=data.npy       a file that numpy.save wrote, or a .csv file of numbers (one row gives one axis)
  X=3x2:float32    any of these, in another dtype; a class label is an integer: t="[0, 2]:int64"

expression:
  NumPy's notation: names, numbers, + - * / ** @, comparisons, x[0], X[:, 1], X.T, X.sum(axis=0),
  exp(x) or np.exp(x) or dg.exp(x); several separated by ';'. Nothing but diagrad's operations is run.
"""

GALLERY_EXAMPLES = """\
examples:
  diagrad gallery figures            then open figures/index.html
  diagrad gallery figures --style dark --png
  diagrad gallery --list
"""

DEMO_EXAMPLES = """\
examples:
  diagrad demo
  diagrad demo -o digits --activation relu --epochs 40

needs scikit-learn for the digits: pip install scikit-learn
"""

COMPLETION_EXAMPLES = """\
examples:
  bash:  diagrad completion bash > ~/.local/share/bash-completion/completions/diagrad
  zsh:   diagrad completion zsh > ~/.zfunc/_diagrad      (with ~/.zfunc in fpath)
  fish:  diagrad completion fish > ~/.config/fish/completions/diagrad.fish
"""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that knows its subcommands, for the completion scripts."""

    commands: dict[str, Parser]


def build_parser() -> Parser:
    """The parser of the whole command; ``options.run(options)`` does what was asked."""
    from .. import __version__

    parser = Parser(
        prog="diagrad",
        description="Computational graphs you can see: values forward, gradients back, rules at the nodes.",
        epilog='start here:  diagrad draw "Y = X @ W + b" --input X=3x2 --input W=2x2 --input b=2\n'
        "             diagrad COMMAND --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"diagrad {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    parser.commands = commands.choices  # pyright: ignore[reportAttributeAccessIssue]

    def command(name: str, text: str, examples: str) -> Parser:
        made: Parser = commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog=examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        made.add_argument("-q", "--quiet", action="store_true", help="say nothing but results and errors")
        return made

    _draw(command("draw", "draw the graph of an expression", DRAW_EXAMPLES))
    _gallery(command("gallery", "draw the fourteen figures and the famous graphs", GALLERY_EXAMPLES))
    _demo(command("demo", "train a network on handwritten digits and draw it", DEMO_EXAMPLES))
    _completion(
        command("completion", "print a script that completes this command in a shell", COMPLETION_EXAMPLES)
    )
    return parser


def _draw(parser: Parser) -> None:
    def run(options: argparse.Namespace) -> int:
        from .draw import run_draw

        return run_draw(options)

    parser.set_defaults(run=run)
    parser.add_argument("expression", metavar="EXPRESSION", help="in NumPy's notation; - reads it from stdin")
    add = parser.add_argument
    add(
        "-i",
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an input: shape, numbers or file",
    )
    add(
        "-p",
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an input drawn as learned",
    )
    add("-o", "--output", metavar="FILE", help="an .svg or .png file; - is stdout (default: NAME.svg, here)")
    add("--pass", dest="passes", choices=PASSES, default="both", help="which arrows (default: both)")
    add(
        "--show",
        choices=READINGS,
        default="auto",
        help="what stands at them (default: auto, as far as it fits)",
    )
    _style(parser)
    add("--seed", type=_natural, default=0, metavar="N", help="of the random numbers (default: 0)")
    add("--loss", metavar="NAME", help="the scalar to differentiate (default: the last result)")
    add("--gradient", metavar="VALUE", help="the upstream gradient, as an input's value (default: ones)")
    add("--title", metavar="TEXT", help="a heading (default: none)")
    add("--scale", type=_scale, default=2.0, metavar="N", help="pixels for each unit in a .png (default: 2)")
    add(
        "--debug",
        action="store_true",
        help="where NaN or infinity turns up, say where from, and draw that path instead",
    )
    add("--text", action="store_true", help="print the figure as text; writes a file only with -o")


def _gallery(parser: Parser) -> None:
    def run(options: argparse.Namespace) -> int:
        from .gallery import run_gallery

        return run_gallery(options)

    parser.set_defaults(run=run)
    parser.add_argument("folder", metavar="DIR", nargs="?", help="where to write; made if it does not exist")
    _style(parser)
    parser.add_argument("--png", action="store_true", help="write each figure as .png too")
    parser.add_argument(
        "--only", action="append", default=[], metavar="KEY", help="only this entry; repeatable"
    )
    parser.add_argument(
        "--list", action="store_true", help="print the entries' keys and titles, write nothing"
    )


def _demo(parser: Parser) -> None:
    def run(options: argparse.Namespace) -> int:
        from .demo import run_demo

        return run_demo(options)

    parser.set_defaults(run=run)
    add = parser.add_argument
    add(
        "-o", "--output", metavar="DIR", default="diagrad-demo", help="where to write (default: diagrad-demo)"
    )
    add("--epochs", type=_positive, default=30, metavar="N", help="passes over the digits (default: 30)")
    add("--hidden", type=_positive, default=64, metavar="N", help="units of the hidden layer (default: 64)")
    add("--activation", choices=("tanh", "relu"), default="tanh", help="of the hidden layer (default: tanh)")
    add("--seed", type=_natural, default=0, metavar="N", help="of weights and batches (default: 0)")
    add("--debug", action="store_true", help="stop at the first NaN or infinity and say where it comes from")
    _style(parser)


def _completion(parser: Parser) -> None:
    def run(options: argparse.Namespace) -> int:
        from .completion import script

        print(script(build_parser(), options.shell), end="")
        return 0

    parser.set_defaults(run=run)
    parser.add_argument("shell", choices=SHELLS, help="whose script to print")


def _style(parser: Parser) -> None:
    parser.add_argument("--style", choices=STYLES, default="textbook", help="(default: textbook)")


def _natural(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number such as 0 or 42")
    return int(text)


def _positive(text: str) -> int:
    number = _natural(text)
    if not 1 <= number <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 1 and 10000")
    return number


def _scale(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.1 <= number <= 10:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0.1 and 10")
    return number
