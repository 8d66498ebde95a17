/** `backfeed __complete <words…>`: what the shell scripts call. Silent whatever is wrong: TAB must never print an error. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { completeWords, type ProjectNames } from './complete.ts'

export async function printCompletions(words: readonly string[]): Promise<number> {
  const lines = await completeWords(words, async () => projectNames(process.cwd())).catch(() => [])
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

/** Names as far as they can be had without loading the project, whose checks would cost half a second per key press. */
async function projectNames(cwd: string): Promise<ProjectNames> {
  const { findProject } = await import('../project/find-project.ts')
  const { parse } = await import('yaml')
  const dir = findProject(cwd)
  const project = mapping(parse(readFileSync(join(dir, 'project.yml'), 'utf8')))
  const files = (key: string, fallback: string, ending: RegExp): string[] =>
    strings(project[key] ?? [fallback]).flatMap((folder) => listFiles(join(dir, folder), ending))
  return {
    syncs: files('sync-paths', 'syncs', /\.ya?ml$/).flatMap((file) => syncNames(parse(readFileSync(file, 'utf8')))),
    models: files('model-paths', 'models', /\.sql$/).map((file) => basename(file, '.sql')),
    seeds: files('seed-paths', 'seeds', /\.csv$/).map((file) => basename(file, '.csv')),
    targets: Object.keys(mapping(project.targets)),
  }
}

function syncNames(file: unknown): string[] {
  const syncs = mapping(file).syncs
  return Array.isArray(syncs) ? syncs.flatMap((sync: unknown) => strings([mapping(sync).name])) : []
}

function listFiles(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function strings(values: unknown): string[] {
  return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : []
}
