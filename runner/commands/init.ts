/** A new project from the package's worked example. What exists is kept; a folder that already is a project is refused. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { BackfeedError, ExitCode } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { exampleFiles, type ScaffoldFile } from './scaffold.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const dir = resolve(context.cwd, context.args.text('dir') ?? (await askFolder(context)))
  if (existsSync(join(dir, 'project.yml')))
    throw new BackfeedError({
      code: 'E-CFG-EXISTS',
      message: `${basename(dir)}/project.yml exists already; nothing was changed`,
      help: 'name another folder: backfeed init activation',
    })
  const { written, kept } = scaffold(dir, exampleFiles(projectName(dir)))
  const shownDir = relative(context.cwd, dir) || '.'
  return finish(context, {
    exit: ExitCode.ok,
    facts: { dir: shownDir, written: written.length, kept },
    text: () => report(shownDir, written.length, kept),
  })
}

/** Asks only a person, and only when the folder is not obviously meant for a project. */
async function askFolder({ cwd, args, signal }: CommandContext): Promise<string> {
  const fresh = readdirSync(cwd).every((name) => HARMLESS.has(name))
  if (fresh || args.flag('no-input') || process.stdin.isTTY !== true) return '.'
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question('Folder for the project [activation]: ', { signal })
    return answer.trim() === '' ? 'activation' : answer.trim()
  } finally {
    prompt.close()
  }
}

const HARMLESS = new Set([
  '.git',
  '.gitignore',
  'README.md',
  'LICENSE',
  'node_modules',
  'package.json',
  'package-lock.json',
])

export interface Scaffolded {
  written: string[]
  kept: string[]
}

export function scaffold(dir: string, files: readonly ScaffoldFile[]): Scaffolded {
  const result: Scaffolded = { written: [], kept: [] }
  for (const { path, text } of files) {
    const place = join(dir, path)
    if (existsSync(place)) {
      result.kept.push(path)
      continue
    }
    makeFolder(dirname(place))
    writeFileSync(place, text, { flag: 'wx' })
    result.written.push(path)
  }
  return result
}

/** Project names are identifiers; a folder may be called anything. */
export function projectName(dir: string): string {
  const name = basename(dir)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60)
  return /^[a-z]/.test(name) ? name : `project_${name}`.replace(/_$/, '')
}

function report(dir: string, written: number, kept: readonly string[]): string {
  const enter = dir === '.' ? [] : [`  cd ${dir}`]
  return [
    `Started a project in ${dir}: ${written} files`,
    ...kept.map((path) => `  kept ${path} as it was`),
    '',
    'Next:',
    ...enter,
    '  npx backfeed parse                 check every file',
    '  npx backfeed emulator start &      a local Salesforce and HubSpot',
    '  npx backfeed emulator load seeds/crm',
    '  npx backfeed seed                  the example rows into target/dev.duckdb',
    '  npx backfeed plan                  what would be sent, field by field',
    '  npx backfeed run',
  ].join('\n')
}
