/** The files of a new project: the worked example of the package, its editor schemas and settings. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packageDir } from '../package-dir.ts'
import { projectJsonSchemas } from '../project/json-schema.ts'

export interface ScaffoldFile {
  /** Relative to the new project, with forward slashes. */
  path: string
  text: string
}

/** Written here because npm leaves files of this name out of packages. */
const GITIGNORE = `target/
logs/
node_modules/
*.duckdb
*.duckdb.wal
.env
`

const SETTINGS = {
  'yaml.schemas': {
    '.backfeed/schemas/project.schema.json': 'project.yml',
    '.backfeed/schemas/sync.schema.json': 'syncs/**/*.yml',
    '.backfeed/schemas/properties.schema.json': ['models/**/*.yml', 'seeds/**/*.yml'],
  },
}

export function exampleFiles(name: string): ScaffoldFile[] {
  const root = packageDir()
  const schemas = projectJsonSchemas()
  return [
    { path: 'project.yml', text: projectFile(readFileSync(join(root, 'project.yml'), 'utf8'), name) },
    ...copies(root, { from: 'models/reference', to: 'models' }),
    ...copies(root, { from: 'syncs', to: 'syncs' }),
    ...copies(root, { from: 'seeds', to: 'seeds' }),
    { path: 'README.md', text: readme(name) },
    { path: '.gitignore', text: GITIGNORE },
    { path: '.vscode/settings.json', text: json(SETTINGS) },
    ...Object.entries(schemas).map(([kind, schema]) => ({
      path: `.backfeed/schemas/${kind}.schema.json`,
      text: json(schema),
    })),
  ]
}

/** The generators of the example's data are of use in the package's repository only. */
function copies(root: string, { from, to }: { from: string; to: string }): ScaffoldFile[] {
  return readdirSync(join(root, from), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(sql|yml|csv|json|md)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({
      path: `${to}/${relative(join(root, from), file).replaceAll('\\', '/')}`,
      text: readFileSync(file, 'utf8'),
    }))
}

/** The example lies in a subfolder of the package; a project of its own has it in the usual places. */
export function projectFile(text: string, name: string): string {
  const body = text
    .replace(/^#.*\n/, '')
    .replace(/^name:.*$/m, `name: ${name}`)
    .replace(/^model-paths:.*$/m, 'model-paths: [models]')
  return `# yaml-language-server: $schema=.backfeed/schemas/project.schema.json\n${body}`
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function readme(name: string): string {
  return `# ${name}

A [Backfeed](https://www.npmjs.com/package/backfeed) project: SQL models in \`models/\`, what goes where in \`syncs/\`,
example rows in \`seeds/\`, targets and connections in \`project.yml\`.

\`\`\`console
npx backfeed parse                     # check every file
npx backfeed emulator start &          # a local Salesforce and HubSpot
npx backfeed emulator load seeds/crm   # with the example's records
npx backfeed seed                      # example rows into the local warehouse, target/dev.duckdb
npx backfeed plan                      # what would be sent, field by field; sends nothing
npx backfeed run                       # send it; run it again: nothing is sent
npx backfeed history row salesforce_accounts C-0042
npx backfeed quarantine ls
\`\`\`

Credentials are never written into these files: use \`{{ env_var('NAME') }}\`.
`
}
