/** Options every verb takes. Each is also an environment variable: `--project-dir` is BACKFEED_PROJECT_DIR. */
import type { OptionSpec } from './command.ts'

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'select',
    alias: 's',
    kind: 'list',
    value: 'SELECTOR',
    describe: 'What to work on: name, tag:x, destination:x, object:x, +x, x+, a,b',
  },
  { name: 'exclude', kind: 'list', value: 'SELECTOR', describe: 'What to leave out, same grammar' },
  { name: 'target', alias: 't', kind: 'text', value: 'NAME', describe: 'Target of project.yml' },
  { name: 'project-dir', kind: 'text', value: 'DIR', describe: 'Folder with project.yml (default: here or above)' },
  { name: 'vars', kind: 'text', value: 'YAML', describe: 'Variables as YAML or JSON, over those of project.yml' },
  { name: 'threads', kind: 'number', value: 'N', describe: 'Models built at the same time' },
  { name: 'output', kind: 'text', choices: ['text', 'json', 'markdown'], describe: 'Form of the result on stdout' },
  { name: 'log-format', kind: 'text', choices: ['text', 'json'], describe: 'Form of the log on stderr' },
  {
    name: 'log-level',
    kind: 'text',
    choices: ['debug', 'info', 'warn', 'error'],
    describe: 'How much of the log to show',
  },
  { name: 'quiet', alias: 'q', kind: 'flag', describe: 'Only warnings and errors on stderr' },
  { name: 'no-color', kind: 'flag', describe: 'No colours (also NO_COLOR)' },
  { name: 'result-file', kind: 'text', value: 'FILE', describe: 'Also write the JSON result line to FILE, atomically' },
  { name: 'target-path', kind: 'text', value: 'DIR', describe: 'Folder for compiled SQL and artifacts' },
  { name: 'debug', kind: 'flag', describe: 'Show the log at debug level, and stack traces' },
]

/** `project-dir` → `BACKFEED_PROJECT_DIR`. */
export function environmentName(option: string): string {
  return `BACKFEED_${option.toUpperCase().replaceAll('-', '_')}`
}
