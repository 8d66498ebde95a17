import { BackfeedError } from '../errors.ts'

/** What to write instead, for mistakes whose place alone does not say it. */
const helpOf: Readonly<Record<string, string>> = {
  'E-TPL-SYNTAX': 'close every {{ with }} and every {% with %}, and every {% if %} and {% for %} with its end tag',
  'E-TPL-UNDEF': 'correct the name, or define it: a macro under macros/, a variable under vars: in project.yml',
  'E-TPL-SANDBOX': 'templates only see data, macros and the functions of Backfeed; write it in SQL or as a macro',
  'E-TPL-TIMEOUT': 'make the loop shorter, or let the warehouse do the work in SQL',
}

/** The same error; problems that say what to do keep their own words. */
export function withHelp(error: unknown): unknown {
  if (!(error instanceof BackfeedError)) return error
  const problems = error.problems.map((problem) => {
    const help = problem.help ?? helpOf[problem.code]
    return help === undefined ? problem : { ...problem, help }
  })
  return new BackfeedError(problems, { exitCode: error.exitCode, cause: error.cause })
}
