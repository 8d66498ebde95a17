import { expect, test } from 'vitest'
import { measureFunctions } from '../../support/measure-functions.ts'
import { blankOut, importsOf } from '../../support/source-text.ts'

test('blanking keeps code and lines, drops comments, strings, templates and regular expressions', () => {
  const text = [
    "const a = 'new Error(' // new Error(",
    '/* any',
    ': any */',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text under test
    'const b = `x ${f({ a: 1 })} : any` + /new Error\\(["]/.source',
    'throw new Error(a)',
  ].join('\n')
  const code = blankOut(text)
  expect(code.split('\n')).toHaveLength(5)
  expect(code).toContain('f({ a: 1 })')
  expect(code.match(/new Error/g)).toHaveLength(1)
  expect(code).not.toMatch(/: any/)
})

test('a division is not taken for a regular expression', () => {
  expect(blankOut('const x = a / b // c\nconst y = "z" / 2')).toBe('const x = a / b     \nconst y = " " / 2')
})

test('imports are told apart: static, type, side effect, dynamic, type position', () => {
  const text = [
    "import { a,\n  type B } from './a.ts'",
    "import type { C } from '../c.ts'",
    "import 'node:fs'",
    "export { d } from './d.ts'",
    "const e = await import('./e.ts')",
    "let f: import('./f.ts').F",
    "// import { no } from './no.ts'",
  ].join('\n')
  const found = importsOf({ file: 'runner/sync/x.ts', text })
  expect(found.map(({ specifier, path, dynamic, typeOnly }) => [specifier, path, dynamic, typeOnly])).toEqual([
    ['./a.ts', 'runner/sync/a.ts', false, false],
    ['../c.ts', 'runner/c.ts', false, true],
    ['node:fs', undefined, false, false],
    ['./d.ts', 'runner/sync/d.ts', false, false],
    ['./e.ts', 'runner/sync/e.ts', true, false],
    ['./f.ts', 'runner/sync/f.ts', true, true],
  ])
})

test('functions of every form are measured', () => {
  const body = '\n  x()'.repeat(70)
  const code = [
    `export async function long(a: number, b: { c: string, d: string }): Promise<void> {${body}\n}`,
    'function four(a: string, b: Map<string, number>, c: () => void, d = 1): void {}',
    'const arrow = async (a: string) => {\n  y()\n}',
    `class K {\n  method(a: string): { b: number } {${body}\n  }\n}`,
    'if (a) { b(c, d, e, f) }',
  ].join('\n')
  const found = measureFunctions(code)
  expect(found.map((f) => f.line)).toEqual([1, 73, 73, 74, 78])
  const byName = Object.fromEntries(found.map((f) => [f.name, [f.lines, f.parameters]]))
  expect(byName).toEqual({ '(anonymous)': [1, 0], long: [72, 2], four: [1, 4], arrow: [3, 1], method: [72, 1] })
})
