#!/usr/bin/env node
/** Entry. Help and version answer at once; everything else is imported when a verb needs it. */
import { readFileSync } from 'node:fs'

/** Read, not imported: package.json lies at another depth in the sources than in dist/. */
export function packageVersion(): string {
  for (const up of ['../', '../../', '../../../', '../../../../']) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8'))
      if (isRecord(parsed) && parsed.name === 'backfeed') return String(parsed.version)
    } catch {
      // Another depth has it.
    }
  }
  return 'unknown'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

const WANTS_HELP = new Set(['--help', '-h', 'help'])

async function main(argv: readonly string[]): Promise<number> {
  const [first] = argv
  if (first === '--version' || first === '-V' || first === 'version') {
    process.stdout.write(`backfeed ${packageVersion()}\n`)
    return 0
  }
  if (first === undefined || (argv.length === 1 && WANTS_HELP.has(first))) {
    const { rootHelp } = await import('./commands/help-text.ts')
    process.stdout.write(`${rootHelp(packageVersion())}\n`)
    return first === undefined ? 2 : 0
  }
  if (first === '__complete') {
    const { printCompletions } = await import('./commands/print-completions.ts')
    return printCompletions(argv.slice(1))
  }
  const { runCommandLine } = await import('./commands/run-command-line.ts')
  return runCommandLine(argv, { process, version: packageVersion() })
}

// A reader that goes away (`| head`) or a full disk must not stop a run half-way: what cannot be written is lost, nothing else.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const exitCode = await main(process.argv.slice(2))
// Idle keep-alive sockets would hold the process; everything durable is written by now, and pipes are flushed first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
