/** Mistakes in models that are found while they are compiled: nobody is contacted, and no warehouse file appears. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Changes, type MistakeProject, mistakeProject } from '../support/mistake-project.ts'

const ACCOUNTS = 'models/accounts.sql'
const COMPANIES = 'models/companies.sql'
const inAccounts = (line: string): Changes => ({ [ACCOUNTS]: [['  ltv,', `  ${line},`]] })

interface Mistake {
  what: string
  changes: Changes
  /** The text at the place that is told. */
  at: [file: string, text: string]
  code: string
  says: string
  /** In the hint or the help. */
  instead: string
}

const mistakes: Mistake[] = [
  {
    what: 'a tag that is not closed',
    changes: inAccounts('{% if x ltv'),
    at: [ACCOUNTS, ',\n  segment'],
    code: 'E-TPL-SYNTAX',
    says: 'expected "%}"',
    instead: 'close',
  },
  {
    what: 'a macro that does not exist',
    changes: inAccounts('{{ sql.kast("ltv", "text") }}'),
    at: [ACCOUNTS, 'kast'],
    code: 'E-TPL-UNDEF',
    says: 'kast',
    instead: 'did you mean',
  },
  {
    what: 'a model that does not exist',
    changes: { [COMPANIES]: [["ref('accounts')", "ref('acounts')"]] },
    at: [COMPANIES, "'acounts'"],
    code: 'E-TPL-REF',
    says: 'model "acounts" not found',
    instead: 'did you mean "accounts"?',
  },
  {
    what: 'models in a circle',
    changes: inAccounts("ltv -- {{ ref('companies') }}"),
    at: [ACCOUNTS, "'companies'"],
    code: 'E-TPL-CYCLE',
    says: 'accounts -> companies -> accounts',
    instead: 'take one of these refs out',
  },
  {
    what: 'a way out of the sandbox',
    changes: inAccounts('{{ "".constructor }}'),
    at: [ACCOUNTS, 'constructor'],
    code: 'E-TPL-SANDBOX',
    says: 'access to "constructor" is not allowed',
    instead: 'templates',
  },
  {
    what: 'a template without end',
    changes: inAccounts('{% for i in range(9000) %}{% for j in range(9000) %}x{% endfor %}{% endfor %}ltv'),
    at: [ACCOUNTS, ''],
    code: 'E-TPL-TIMEOUT',
    says: 'does not end',
    instead: 'loop',
  },
  {
    what: 'a file outside of the project',
    changes: inAccounts('{% include "../../etc/passwd" %}'),
    at: [ACCOUNTS, 'include'],
    code: 'E-TPL-PATH',
    says: 'cannot include another file',
    instead: 'put shared SQL into a macro',
  },
  {
    what: 'a secret in SQL',
    changes: inAccounts("'{{ env_var('SF_TEST_TOKEN') }}' as ltv"),
    at: [ACCOUNTS, "'SF_TEST_TOKEN'"],
    code: 'E-TPL-SECRET',
    says: 'secrets are not available in SQL',
    instead: 'connection settings of project.yml',
  },
  {
    what: 'a statement that is no SELECT',
    changes: { [COMPANIES]: [['select', 'create table copy as select']] },
    at: [COMPANIES, 'create'],
    code: 'E-SQL-NOTSELECT',
    says: 'begins with CREATE',
    instead: 'write one SELECT',
  },
  {
    what: 'two statements',
    changes: { [COMPANIES]: [["{{ ref('accounts') }}\n", "{{ ref('accounts') }}\n;\ndelete from somewhere\n"]] },
    at: [COMPANIES, ';'],
    code: 'E-SQL-NOTSELECT',
    says: 'there is more after the ";"',
    instead: 'write one SELECT',
  },
]

describe('a mistake in a model that compiling finds', () => {
  let project: MistakeProject
  beforeAll(async () => {
    project = await mistakeProject()
  })
  afterAll(() => project.close())

  test.each(mistakes)('$what', async ({ changes, at: [file, text], code, says, instead }) => {
    const changed = project.change(changes)
    const told = await changed.tell()
    expect(told).toMatchObject({ exit: 2, requests: 0, problems: [{ code }] })
    const [problem] = told.problems
    const place = text === '' ? { file } : changed.at(file, text)
    expect(problem).toMatchObject({ ...place, line: expect.any(Number) })
    expect(problem?.message).toContain(says)
    expect(`${problem?.hint} ${problem?.help}`).toContain(instead)
    expect(existsSync(join(project.dir, 'target/test.duckdb'))).toBe(false)
  })

  test('several in several models are told together', async () => {
    const changes = {
      [ACCOUNTS]: [['  ltv,', '  {{ nothing }},']] as const,
      [COMPANIES]: [["ref('accounts')", "ref('acounts')"]] as const,
    }
    const told = await project.tell(changes)
    expect(told.problems.map(({ code, file }) => [code, file])).toEqual([
      ['E-TPL-UNDEF', ACCOUNTS],
      ['E-TPL-REF', COMPANIES],
    ])
    expect(told).toMatchObject({ exit: 2, requests: 0 })
  })
})
