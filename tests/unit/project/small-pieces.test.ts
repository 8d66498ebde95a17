import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearestName, suggestName } from '../../../runner/nearest-name.ts'
import { hasTemplate, renderEnv } from '../../../runner/project/render-env.ts'
import { satisfies } from '../../../runner/project/required-version.ts'
import { parseLimit } from '../../../runner/project/scalar-schemas.ts'
import { revealSetting, Secret } from '../../../runner/project/secret.ts'

describe('the nearest name', () => {
  it.each([
    ['feilds', ['fields', 'first_sync', 'model'], 'fields'],
    ['LTV__C', ['LTV__c', 'LTV2__c'], undefined],
    ['acount', ['account', 'contact'], 'account'],
    ['on', ['or'], 'or'],
    ['zzz', ['abc'], undefined],
    ['x', ['y'], undefined],
  ])('of %s', (typed, known, expected) => {
    if (typed === 'LTV__C') expect(nearestName(typed, known)).toBe('LTV__c')
    else expect(nearestName(typed, known)).toBe(expected)
  })

  it('is listed with the others when none is near', () => {
    expect(suggestName('zzz', ['abc', 'def'])).toBe('expected one of: abc, def')
    expect(suggestName('zzz', [])).toBeUndefined()
    expect(suggestName('abd', ['abc'])).toBe('did you mean "abc"?')
  })

  it('is a distance: zero for itself, symmetric, at most the longer word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, a)).toBe(0)
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
    expect(editDistance('ab', 'ba')).toBe(1)
  })
})

describe('limits', () => {
  it.each([
    ['20%', { percent: 20 }],
    ['0.5%', { percent: 0.5 }],
    ['100 %', { percent: 100 }],
    [0, { count: 0 }],
    [5000, { count: 5000 }],
    ['500', { count: 500 }],
  ])('%s', (text, expected) => {
    expect(parseLimit(text)).toEqual(expected)
  })

  it.each([0.2, -1, '101%', '-5%', '20 percent', '', '%', 1e300, Number.NaN])('refuses %s', (text) => {
    expect(typeof parseLimit(text)).toBe('string')
  })
})

describe('env_var()', () => {
  const place = { at: { file: 'project.yml', line: 3, column: 10 }, textColumn: 11 }
  const render = (text: string, env: Record<string, string> = {}) =>
    renderEnv({ text, place, env, neededBy: 'target "x"' })

  it.each([
    ["{{ env_var('A') }}", 'one'],
    ['{{env_var("A")}}', 'one'],
    ["{{- env_var( 'A' , 'b' ) -}}", 'one'],
    ["https://{{ env_var('A') }}.example/{{ env_var('B', 'two') }}", 'https://one.example/two'],
    ["{{ env_var('B', '') }}", ''],
    ['plain', 'plain'],
  ])('%s', (text, expected) => {
    expect(render(text, { A: 'one' })).toMatchObject({ text: expected })
  })

  it('reports every variable of a text at its own column', () => {
    const result = render("a{{ env_var('A') }}{{ env_var('B') }}")
    expect(result).toMatchObject({
      problems: [
        { code: 'E-ENV-MISSING', at: { column: 12, length: 18 } },
        { code: 'E-ENV-MISSING', at: { column: 30 } },
      ],
    })
  })

  it.each(['', '  ', '\n', '"x"', "'x'", ' x', 'x\n'])('refuses the value %j', (value) => {
    const result = render("{{ env_var('A', 'default') }}", { A: value })
    expect(result).toMatchObject({ problems: [{ code: 'E-ENV-EMPTY' }] })
    if (value.trim() !== '') expect(JSON.stringify(result)).not.toContain(JSON.stringify(value).slice(1, -1))
  })

  it('does not look for code in values', () => {
    expect(render("{{ env_var('A') }}", { A: "{{ env_var('B') }}" })).toMatchObject({ text: "{{ env_var('B') }}" })
    expect(hasTemplate('a {% b')).toBe(true)
    expect(hasTemplate('{a}')).toBe(false)
  })
})

describe('ranges of versions', () => {
  it.each([
    ['0.1.0', '>=0.1.0 <0.2.0', true],
    ['0.2.0', '>=0.1.0, <0.2.0', false],
    ['0.1.5', '0.1.5', true],
    ['1.10.0', '>1.9.9', true],
    ['0.1.0', '^0.1.0', undefined],
    ['0.1.0', '', undefined],
  ])('%s in %s', (version, range, expected) => {
    expect(satisfies(version, range)).toBe(expected)
  })
})

describe('a secret', () => {
  it('prints nothing, and is revealed on purpose only', () => {
    const secret = new Secret('hunter2')
    expect(`${secret} ${JSON.stringify({ secret })} ${Object.keys(secret)}`).not.toContain('hunter2')
    expect(revealSetting(secret)).toBe('hunter2')
    expect(revealSetting(5432)).toBe('5432')
    expect(revealSetting(undefined)).toBeUndefined()
  })
})
