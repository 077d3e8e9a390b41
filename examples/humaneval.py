#!/usr/bin/env python3
"""Sends programming problems through a gateway with the official OpenAI client, streamed.

    pip install openai
    make run &
    python3 examples/humaneval.py --model gpt-5-mini
    python3 examples/humaneval.py --model deepseek-flash --file HumanEval.jsonl.gz --parallel 16

Without --file it sends $SLUICE_DATA/humaneval/HumanEval.jsonl.gz, and where that is not there, five problems
of its own. It prints how many were answered and how many of the answers are Python. An
answer is only parsed, never run.
"""

import argparse
import ast
import asyncio
import gzip
import json
import os
import re
import sys
import time
from pathlib import Path

OWN = [
    'def middle(word: str) -> str:\n    """The middle letter of a word of odd length."""\n',
    'def is_leap(year: int) -> bool:\n    """Whether the year has a 29 February."""\n',
    'def runs(numbers: list[int]) -> int:\n    """How many runs of equal neighbours there are."""\n',
    'def roman(number: int) -> str:\n    """The Roman numeral of a number from 1 to 3999."""\n',
    'def flat(nested: list) -> list:\n    """The members of lists in lists, in order, as one list."""\n',
]


def problems(file, limit):
    """(name, prompt) of each problem in the file, or of our own."""
    if file is None:
        found = [(f"own/{number}", prompt) for number, prompt in enumerate(OWN)]
    else:
        opened = gzip.open(file, "rt") if file.suffix == ".gz" else file.open()
        with opened as lines:
            tasks = [json.loads(line) for line in lines if line.strip()]
        found = [(task["task_id"], task["prompt"]) for task in tasks]
    return found[:limit]


def code_in(answer):
    """The program in an answer: its first fenced block, or all of it."""
    fenced = re.search(r"```(?:python|py)?[ \t]*\n(.*?)```", answer, re.DOTALL)
    return fenced.group(1) if fenced else answer


def is_python(text):
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


async def ask(client, model, prompt):
    """The whole answer and the seconds until its first piece."""
    begun = time.monotonic()
    first = None
    pieces = []
    question = "Complete this Python function. Answer with the whole function only.\n\n" + prompt
    stream = await client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], stream=True
    )
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            first = first or time.monotonic() - begun
            pieces.append(chunk.choices[0].delta.content)
    return "".join(pieces), first


async def run(options):
    from openai import AsyncOpenAI, OpenAIError

    tasks = problems(options.file, options.limit)
    room = asyncio.Semaphore(options.parallel)
    answered, parsed, firsts = 0, 0, []
    begun = time.monotonic()

    async with AsyncOpenAI(base_url=options.base_url, api_key=options.key) as client:

        async def one(name, prompt):
            nonlocal answered, parsed
            async with room:
                try:
                    answer, first = await ask(client, options.model, prompt)
                except OpenAIError as error:
                    print(f"{name}: {error}", file=sys.stderr)
                    return
            if not answer:
                print(f"{name}: an empty answer", file=sys.stderr)
                return
            answered += 1
            firsts.append(first)
            if is_python(code_in(answer)):
                parsed += 1
            else:
                print(f"{name}: the answer is not Python", file=sys.stderr)

        await asyncio.gather(*(one(*task) for task in tasks))

    took = time.monotonic() - begun
    middle = f"{sorted(firsts)[len(firsts) // 2] * 1000:.0f} ms" if firsts else "-"
    print(
        f"asked {len(tasks)}, answered {answered}, Python {parsed}, {took:.1f} s, first token after {middle}"
    )
    return 0 if answered == len(tasks) else 1


def main():
    data = os.environ.get("SLUICE_DATA")
    file = Path(data) / "humaneval" / "HumanEval.jsonl.gz" if data else None
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base-url", default="http://127.0.0.1:8080/v1")
    parser.add_argument("--key", default=os.environ.get("SLUICE_API_KEY", "none"), help="the gateway's key")
    parser.add_argument("--model", default="gpt-5-mini")
    parser.add_argument("--file", type=Path, default=file if file and file.exists() else None)
    parser.add_argument("--limit", type=int, help="only the first so many")
    parser.add_argument("--parallel", type=int, default=8)
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
