"""Completion scripts, made from the parser, so that they never fall behind it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from .parser import Parser


@dataclass(frozen=True)
class Word:
    """An option or a positional argument.

    Attributes:
        flags: ``-o``, ``--output``; none for a positional argument.
        text: one line of help.
        takes: ``""`` for nothing, ``"file"`` or ``"folder"``, ``"value"``, or ``"choice"``.
        choices: what it may be.
    """

    flags: tuple[str, ...]
    text: str
    takes: str
    choices: tuple[str, ...]


def script(parser: Parser, shell: str) -> str:
    """The completion script for ``"bash"``, ``"zsh"`` or ``"fish"``."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](parser)


def _words(parser: argparse.ArgumentParser) -> Iterator[Word]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        choices = tuple(map(str, action.choices)) if action.choices else ()
        takes = "" if action.nargs == 0 else "choice" if choices else _KINDS.get(str(action.metavar), "value")
        yield Word(tuple(action.option_strings), (action.help or "").split(" (default")[0], takes, choices)


_KINDS = {"FILE": "file", "DIR": "folder", "NAME=VALUE": "file"}


def _bash(parser: Parser) -> str:
    cases: list[str] = []
    for name, command in parser.commands.items():
        values: list[str] = []
        plain: list[str] = []
        for word in _words(command):
            plain += word.flags
            if not word.flags and word.choices:
                plain += word.choices
            elif word.flags and word.takes:
                values.append(f"        {'|'.join(word.flags)}) {_bash_value(word)}; return ;;")
        cases.append(
            f'    {name})\n      case "$before" in\n' + "\n".join(values) + "\n        *) ;;\n      esac\n"
            f'      words="{" ".join(plain)}" ;;'
        )
    top = [flag for word in _words(parser) for flag in word.flags]
    body = "\n".join(cases)
    return f"""\
# bash completion of diagrad; made by: diagrad completion bash
_diagrad() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" words
  COMPREPLY=()
  case "${{COMP_WORDS[1]}}" in
{body}
    *) words="{" ".join([*parser.commands, *top])}" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="{" ".join([*parser.commands, *top])}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [ ${{#COMPREPLY[@]}} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$word")); fi
}}
complete -o filenames -F _diagrad diagrad
"""


def _bash_value(word: Word) -> str:
    if word.choices:
        return f'COMPREPLY=($(compgen -W "{" ".join(word.choices)}" -- "$word"))'
    kind = {"file": "-f", "folder": "-d"}.get(word.takes)
    return f'COMPREPLY=($(compgen {kind} -- "$word"))' if kind else ":"


def _zsh(parser: Parser) -> str:
    words = [f"{name}:{_help(parser, name)}" for name in parser.commands]
    words += [f"{flag}:{word.text}" for word in _words(parser) for flag in word.flags]
    commands = "\n".join(f"      {_quoted(word)}" for word in words)
    cases = "\n".join(
        f"    {name})\n      _arguments \\\n        " + " \\\n        ".join(_zsh_words(command)) + " ;;"
        for name, command in parser.commands.items()
    )
    return f"""\
#compdef diagrad
# zsh completion of diagrad; made by: diagrad completion zsh
_diagrad() {{
  local -a commands
  if (( CURRENT == 2 )); then
    commands=(
{commands}
    )
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{cases}
  esac
}}
if [ "$funcstack[1]" = "_diagrad" ]; then _diagrad "$@"; else compdef _diagrad diagrad; fi
"""


def _zsh_words(parser: argparse.ArgumentParser) -> Iterator[str]:
    for word in _words(parser):
        files = {"file": "_files", "folder": "_files -/"}.get(word.takes, "")
        action = f"({' '.join(word.choices)})" if word.choices else files
        text = word.text.replace("[", "(").replace("]", ")").replace(":", ";")
        if not word.flags:
            yield _quoted(f":{text}:{action}")
        for flag in word.flags:
            yield _quoted(f"{flag}[{text}]" + (f":value:{action}" if word.takes else ""))


def _fish(parser: Parser) -> str:
    lines = ["# fish completion of diagrad; made by: diagrad completion fish"]
    for word in _words(parser):
        lines.append("complete -c diagrad -n __fish_use_subcommand" + _fish_word(word))
    for name, command in parser.commands.items():
        lines.append(
            f"complete -c diagrad -n __fish_use_subcommand -f -a {name} -d {_quoted(_help(parser, name))}"
        )
        for word in _words(command):
            lines.append(f"complete -c diagrad -n '__fish_seen_subcommand_from {name}'" + _fish_word(word))
    return "\n".join(lines) + "\n"


def _fish_word(word: Word) -> str:
    parts = [f" -{'l' if flag.startswith('--') else 's'} {flag.lstrip('-')}" for flag in word.flags]
    if word.takes and word.flags:
        parts.append(" -r")
    if word.choices:
        parts.append(f" -f -a {_quoted(' '.join(word.choices))}")
    return "".join(parts) + f" -d {_quoted(word.text)}"


def _help(parser: Parser, name: str) -> str:
    return (parser.commands[name].description or name).rstrip(".")


def _quoted(text: str) -> str:
    """As one word of any of the three shells."""
    return "'" + text.replace("'", "") + "'"
