import { describe, expect, it } from 'vitest'
import type { Problem } from '../../runner/errors.ts'
import { problemsToJson, renderProblems } from '../../runner/render-problems.ts'

const FILE = 'syncs:\n  - name: a\n    on_null: erase\n'
const source = () => FILE
const problem: Problem = {
  code: 'E-CFG-VALUE',
  message: 'unknown null policy "erase"',
  at: { file: 'syncs/a.yml', line: 3, column: 14, length: 5 },
  hint: 'expected one of: ignore, clear, reject',
  help: 'to blank the value, use `clear`',
}

describe('problems as text', () => {
  it('quote the line, underline the place, and say what to do', () => {
    expect(renderProblems([problem], { source })).toBe(
      [
        'error E-CFG-VALUE  syncs/a.yml:3:14  unknown null policy "erase"',
        '    3 |     on_null: erase',
        '                     ^^^^^ expected one of: ignore, clear, reject',
        '  help: to blank the value, use `clear`   more: backfeed explain E-CFG-VALUE',
        '',
      ].join('\n'),
    )
  })

  it('do without a place, a source or a help', () => {
    expect(renderProblems([{ code: 'W-X', message: 'm', hint: 'h' }])).toBe(
      'warning W-X  m\n  h\n  more: backfeed explain W-X\n',
    )
    expect(renderProblems([problem])).not.toContain('|')
    expect(renderProblems([{ ...problem, at: { file: 'a', line: 99, column: 1 } }], { source })).not.toContain('|')
  })

  it('stop after the limit and count the rest', () => {
    const many = Array.from({ length: 53 }, (_, i) => ({ ...problem, message: `m${i}` }))
    const text = renderProblems(many, { source })
    expect(text).toContain('m49')
    expect(text).not.toContain('m50')
    expect(text.endsWith('… and 3 more problems\n')).toBe(true)
  })

  it('are coloured only on request', () => {
    const coloured = renderProblems([problem], { source, colour: true })
    expect(coloured).toContain('\u001b[31merror E-CFG-VALUE\u001b[39m')
    expect(renderProblems([problem], { source })).not.toContain('\u001b')
  })

  it('never show a token of the same line', () => {
    const line = '{token: ghp_abcdefghijklmnopqrstuvwxyz0123456789, on_nul: x}'
    const at = { file: 'a.yml', line: 1, column: 51, length: 6 }
    const text = renderProblems([{ ...problem, at }], { source: () => line })
    expect(text).not.toContain('ghp_')
    expect(text.split('\n')[2]?.indexOf('^')).toBe('    1 | '.length + line.indexOf('on_nul'))
  })

  it('cut long lines around the place', () => {
    const line = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`
    const at = { file: 'a.yml', line: 1, column: 501, length: 4 }
    const [, quoted = '', underline = ''] = renderProblems([{ ...problem, at }], { source: () => line }).split('\n')
    expect(quoted.length).toBeLessThan(180)
    expect(quoted.slice(underline.indexOf('^'), underline.indexOf('^') + 4)).toBe('HERE')
  })

  it('let no control character or direction mark through', () => {
    const evil = 'x\u001b[2Jy\u202Ez\r\nerror E-FAKE'
    const text = renderProblems([{ ...problem, message: evil, at: { file: evil, line: 1, column: 1 } }], {
      source: () => evil,
    })
    for (const character of ['\u001b', '\u202e', '\r']) expect(text).not.toContain(character)
    expect(text.split('\n').filter((l) => l.startsWith('error'))).toHaveLength(1)
  })
})

describe('problems as JSON', () => {
  it('are flat, with what is known', () => {
    expect(problemsToJson([problem, { code: 'W-X', message: 'm' }])).toEqual([
      {
        code: 'E-CFG-VALUE',
        severity: 'error',
        message: 'unknown null policy "erase"',
        file: 'syncs/a.yml',
        line: 3,
        column: 14,
        length: 5,
        hint: 'expected one of: ignore, clear, reject',
        help: 'to blank the value, use `clear`',
      },
      { code: 'W-X', severity: 'warning', message: 'm' },
    ])
  })
})
